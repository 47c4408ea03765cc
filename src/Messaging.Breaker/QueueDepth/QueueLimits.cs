namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// The length, and the time to live, at which a queue loses messages. (A limit in bytes says nothing without the messages' sizes.)
/// </summary>
sealed record QueueLimits(long? MaxLength, TimeSpan? TimeToLive)
{
    public static QueueLimits None { get; } = new(null, null);

    /// <summary>The stricter of an argument and a policy applies.</summary>
    public QueueLimits And(QueueLimits other) => new(Stricter(MaxLength, other.MaxLength), Stricter(TimeToLive, other.TimeToLive));

    static T? Stricter<T>(T? one, T? other) where T : struct, IComparable<T> =>
        one is { } a && other is { } b ? (a.CompareTo(b) < 0 ? a : b) : one ?? other;
}
