using System.Globalization;

namespace Messaging.Breaker.Cli.Output;

/// <summary>All that the program has of the outside besides the network, so that a test can have it otherwise.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="In">Standard input.</param>
/// <param name="IsTerminal">Whether standard output is a terminal.</param>
/// <param name="CanAsk">Whether somebody sits there to answer a question.</param>
/// <param name="Width">The columns of the terminal.</param>
/// <param name="Height">The lines of the terminal.</param>
/// <param name="Variable">The environment.</param>
/// <param name="Time">The time, and the zone in which it is shown.</param>
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

    /// <summary>See no-color.org: any value but an empty one. A terminal that is dumb knows no escape sequence.</summary>
    public bool HasColour => IsTerminal && Variable("NO_COLOR") is null or "" && !IsDumb;

    public bool IsDumb => Variable("TERM") == "dumb";

    /// <summary>Who acts, unless he says otherwise.</summary>
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
