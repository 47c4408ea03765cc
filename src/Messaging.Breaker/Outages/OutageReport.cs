namespace Messaging.Breaker;

/// <summary>
/// What an outage was and what it cost, from when a breaker left Closed until it returned there, by its own probes or by an operator. In a
/// fleet, there is one report for all instances. Only breakers in <see cref="BreakerMode.Enforcing"/> have reports. An outage of a single
/// key has none.
/// </summary>
public sealed record OutageReport
{
    /// <summary>The id of the outage, the same on every instance.</summary>
    public required string Id { get; init; }

    /// <summary>The breaker.</summary>
    public required string Breaker { get; init; }

    /// <summary>
    /// The instance that reports it: the one that closed the breaker, or another if that one died before it could report.
    /// </summary>
    public string Instance { get; init; } = "";

    /// <summary>The number of instances in the counts. An instance that made no call and returned no message is not included.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>When the breaker left Closed (UTC, by the clock of the instance that reports).</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>
    /// Whether no counted instance saw the beginning. Then the outage began before <see cref="Began"/>, and there may be an earlier reason
    /// and more reopens.
    /// </summary>
    public bool BeganEarlier { get; init; }

    /// <summary>When the breaker closed (UTC, by the same clock).</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>How long the breaker was not closed.</summary>
    public TimeSpan Length => Ended > Began ? Ended - Began : TimeSpan.Zero;

    /// <summary>Why the breaker opened.</summary>
    public required string Reason { get; init; }

    /// <summary>
    /// The rule that opened the breaker; <see cref="TransitionCause.Operator"/> for an isolation, which may have been planned.
    /// </summary>
    public TransitionCause Cause { get; init; }

    /// <summary>Why the breaker closed.</summary>
    public string EndReason { get; init; } = "";

    /// <summary>The rule that closed the breaker.</summary>
    public TransitionCause EndCause { get; init; }

    /// <summary>How often it reopened because probes failed.</summary>
    public int Reopens { get; init; }

    /// <summary>Calls that were made while it was not closed, and have ended: its probes.</summary>
    public long Calls { get; init; }

    /// <summary>How many of these failed or were too slow.</summary>
    public long FailedCalls { get; init; }

    /// <summary>Calls and requests that were refused, and therefore not made.</summary>
    public long RefusedCalls { get; init; }

    /// <summary>
    /// Messages that had been delivered and were returned to their queues without consequences. A message may be counted several times.
    /// </summary>
    public long Returned { get; init; }

    /// <summary>
    /// The queues of the endpoints that it guards, if they are watched; otherwise empty. At most 20, those in which most messages waited.
    /// </summary>
    public IReadOnlyList<OutageBacklog> Queues { get; init; } = [];

    /// <summary>The highest number of messages that waited, in all watched queues; null if no queue is watched.</summary>
    public long? Delayed => Queues.Count == 0 ? null : Queues.Sum(queue => queue.MostWaiting);

    /// <summary>The longest wait of a message, as an upper bound from the samples of the queues; null if no queue is watched.</summary>
    public TimeSpan? LongestWait { get; init; }

    /// <summary>
    /// The minimum number of calls that the dependency was spared: one for each message that waited, and those that were refused. If no
    /// queue is watched, one for each message that was returned. Calls that retries would have added are not counted.
    /// </summary>
    public long CallsSpared => (Delayed ?? Returned) + RefusedCalls;

    /// <summary>How long after the close the backlog was gone, by the criterion in <see cref="Drain"/>; null if it is not known.</summary>
    public TimeSpan? DrainedIn { get; init; }

    /// <summary>How it is known that the backlog was gone, or why it is not known.</summary>
    public OutageDrain Drain { get; init; }
}

/// <summary>How it is known that the backlog of an outage was gone.</summary>
public enum OutageDrain
{
    /// <summary>It is not known: no queue is watched, and there was no ramp.</summary>
    Unknown,

    /// <summary>It is still being drained.</summary>
    UnderWay,

    /// <summary>No more messages waited in the watched queues than before the outage.</summary>
    Queues,

    /// <summary>No queue is watched. The ramp was over, so no message waited for its turn on the instance that reports.</summary>
    Ramp,

    /// <summary>It was not gone after a quarter of an hour, when the library stopped looking.</summary>
    TooLong,

    /// <summary>The breaker left Closed again before it was gone.</summary>
    NextOutage,

    /// <summary>The instance that was looking has stopped.</summary>
    Stopped,
}

/// <summary>The backlog in one queue during an outage.</summary>
public sealed record OutageBacklog
{
    /// <summary>The queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Messages that waited in the last sample before the outage; null if there was none.</summary>
    public long? WaitingBefore { get; init; }

    /// <summary>The highest number of messages that waited, until the queue was drained.</summary>
    public long MostWaiting { get; init; }
}

/// <summary>A list of outage reports.</summary>
public sealed record OutageList
{
    /// <summary>The reports, the latest first; at most 200.</summary>
    public required IReadOnlyList<OutageReport> Outages { get; init; }

    /// <summary>Why the reports of other instances are missing; null if they are there, or if there are no other instances.</summary>
    public string? Problem { get; init; }
}
