namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>Ends the command with a message for the user.</summary>
class CommandException(int exitCode, string message, string? advice = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do about it; null if the message says everything.</summary>
    public string? Advice { get; } = advice;
}
