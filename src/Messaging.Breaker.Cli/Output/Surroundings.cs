using System.Globalization;

namespace Messaging.Breaker.Cli.Output;

/// <summary>Everything outside the program except the network, so that a test can replace it.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="In">Standard input.</param>
/// <param name="IsTerminal">Whether standard output is a terminal.</param>
/// <param name="CanAsk">Whether a user can answer a question.</param>
/// <param name="Width">The columns of the terminal.</param>
/// <param name="Height">The lines of the terminal.</param>
/// <param name="Variable">The environment.</param>
/// <param name="Time">The clock, and the zone in which times are shown.</param>
sealed record Surroundings(
    TextWriter Out,
    TextWriter Error,
    TextReader In,
    bool IsTerminal,
    bool CanAsk,
    int Width,
    int Height,
    Func<string, string?> Variable,
    TimeProvider Time)
{
    const int UsualWidth = 80;
    const int UsualHeight = 24;

    /// <summary>See no-color.org: any value except an empty one. A dumb terminal has no escape sequences.</summary>
    public bool HasColour => IsTerminal && Variable("NO_COLOR") is null or "" && !IsDumb;

    public bool IsDumb => Variable("TERM") == "dumb";

    /// <summary>Who gives orders by default.</summary>
    public static string UserName => string.Create(CultureInfo.InvariantCulture, $"{Environment.UserName}@{Environment.MachineName}");

    public static Surroundings OfProcess() => new(
        Console.Out,
        Console.Error,
        Console.In,
        !Console.IsOutputRedirected,
        !Console.IsInputRedirected && !Console.IsErrorRedirected,
        Console.IsOutputRedirected ? UsualWidth : Math.Max(Console.WindowWidth, 40),
        Console.IsOutputRedirected ? UsualHeight : Math.Max(Console.WindowHeight, 10),
        Environment.GetEnvironmentVariable,
        TimeProvider.System);
}
