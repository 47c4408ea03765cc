namespace Messaging.Breaker;

/// <summary>
/// A call was not made because its breaker refuses calls. When the exception leaves a message handler of a guarded endpoint, the message is
/// returned to its queue, because nothing is wrong with the message.
/// </summary>
public sealed class BreakerOpenException : Exception
{
    /// <summary>Creates the exception.</summary>
    public BreakerOpenException(string breaker, BreakerState state, string reason, TimeSpan? retryAfter)
        : base($"Breaker '{breaker}' is {state} ({reason}); the call was not made."
            + (retryAfter is { } wait ? $" Probing begins in {wait.TotalSeconds:0.#} s." : ""))
    {
        Breaker = breaker;
        State = state;
        RetryAfter = retryAfter;
        // A fault contains only the message and the data of an exception.
        Data[nameof(Breaker)] = breaker;
        if (retryAfter is not null)
            Data[nameof(RetryAfter)] = retryAfter;
    }

    /// <summary>The breaker's name.</summary>
    public string Breaker { get; }

    /// <summary>The state in which the breaker refused the call.</summary>
    public BreakerState State { get; }

    /// <summary>
    /// The time until probing begins; null if it is not known (an isolation without expiry, or a round of probes in progress).
    /// </summary>
    public TimeSpan? RetryAfter { get; }
}
