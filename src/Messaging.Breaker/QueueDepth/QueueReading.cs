namespace Messaging.Breaker.QueueDepth;

/// <summary>What a broker reports about a queue. Rates are those of the whole fleet.</summary>
sealed record QueueReading(string Queue, long Ready, long Consumers)
{
    public long? Unacknowledged { get; init; }

    public double? ArrivalRate { get; init; }

    public double? ServiceRate { get; init; }

    /// <summary>When the oldest message was published, if it says so.</summary>
    public DateTimeOffset? OldestAt { get; init; }

    /// <summary>The limits that the broker reports, from arguments and policies.</summary>
    public QueueLimits Limits { get; init; } = QueueLimits.None;
}
