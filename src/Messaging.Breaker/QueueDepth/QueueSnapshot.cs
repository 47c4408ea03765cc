namespace Messaging.Breaker;

/// <summary>A queue at one moment, with a forecast.</summary>
public sealed record QueueSnapshot
{
    /// <summary>The queue's name, which is the name of its endpoint.</summary>
    public required string Queue { get; init; }

    /// <summary>The breakers that guard its endpoint; empty if the queue was only named.</summary>
    public required IReadOnlyList<string> Breakers { get; init; }

    /// <summary>When it was sampled (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Messages that wait.</summary>
    public required long Ready { get; init; }

    /// <summary>Messages delivered and not yet acknowledged; null if the source of the sample does not report it.</summary>
    public long? Unacknowledged { get; init; }

    /// <summary>Consumers on the queue.</summary>
    public required long Consumers { get; init; }

    /// <summary>Messages a second that arrive, smoothed; null until it is known.</summary>
    public double? ArrivalRate { get; init; }

    /// <summary>Messages a second that are handled while the endpoint runs, smoothed; null until it is known.</summary>
    public double? ServiceRate { get; init; }

    /// <summary>
    /// How long it takes, once the endpoint runs, until no message waits; null if never at these rates, or unknown.
    /// </summary>
    public TimeSpan? TimeUntilDrained { get; init; }

    /// <summary>
    /// How long until a length limit or a time to live loses messages while none is handled; null for never, or unknown.
    /// </summary>
    public TimeSpan? TimeUntilLoss { get; init; }

    /// <summary>The alerts that are currently raised for it.</summary>
    public required IReadOnlyList<QueueAlert> Alerts { get; init; }

    /// <summary>Messages that wait in <c>_error</c> of the endpoint; null if its dead letters are not offered.</summary>
    public long? DeadLetters { get; init; }
}
