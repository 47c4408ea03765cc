using System.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>One call of a command: its arguments, and where its answer goes.</summary>
sealed class Call(ParseResult parsed, CommonOptions options, Surroundings surroundings, Secrets secrets) : IAsyncDisposable
{
    ISource? _source;

    public Surroundings Surroundings => surroundings;

    public TimeProvider Time => surroundings.Time;

    public bool IsJson => parsed.GetValue(options.Json);

    public Printer Printer { get; } = new(surroundings, hasColour: surroundings.HasColour && !parsed.GetValue(options.NoColour));

    public TimeZoneInfo Zone => parsed.GetValue(options.Utc) ? TimeZoneInfo.Utc : surroundings.Time.LocalTimeZone;

    public ISource Source => _source ??= new SourceChoice(options, surroundings, secrets).Open(parsed);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <exception cref="CommandException">It was not confirmed.</exception>
    public void Confirm(string question, bool isConfirmed)
    {
        if (isConfirmed)
            return;
        if (!surroundings.CanAsk)
            throw new CommandException(ExitCode.Unconfirmed, $"{question} This needs confirmation, and the input is not a terminal.", "Confirm with --yes.");
        surroundings.Error.Write($"{question} [y/N] ");
        if (surroundings.In.ReadLine()?.Trim().ToLowerInvariant() is not ("y" or "yes"))
            throw new CommandException(ExitCode.Unconfirmed, "Not confirmed: nothing was done.");
    }

    public void Note(string text) => surroundings.Error.WriteLine(secrets.Hide(text));

    public ValueTask DisposeAsync() => _source?.DisposeAsync() ?? ValueTask.CompletedTask;
}
