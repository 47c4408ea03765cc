namespace Messaging.Breaker.DeadLetters;

/// <summary>The headers of a redriven message.</summary>
static class RedriveHeaders
{
    /// <summary>How often it was redriven.</summary>
    public const string Times = "x-breaker-redriven";

    /// <summary>The latest run that moved it, which the message's result is reported to.</summary>
    public const string Run = "x-breaker-redrive-run";
}
