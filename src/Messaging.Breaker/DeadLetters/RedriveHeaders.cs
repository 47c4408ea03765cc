namespace Messaging.Breaker.DeadLetters;

/// <summary>By what a redriven message is known.</summary>
static class RedriveHeaders
{
    /// <summary>How often it was redriven.</summary>
    public const string Times = "x-breaker-redriven";

    /// <summary>The run that moved it the last time, by which is seen what becomes of it.</summary>
    public const string Run = "x-breaker-redrive-run";
}
