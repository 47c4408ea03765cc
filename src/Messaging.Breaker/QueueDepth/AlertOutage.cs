namespace Messaging.Breaker;

/// <summary>
/// The outage behind an alert, as far as the instance that sends the alert knows it. Until the alert ends, the figures are those so far. If
/// the breaker opened again before the alert ended, they cover all of these outages together.
/// </summary>
public sealed record AlertOutage
{
    /// <summary>When the breaker left Closed (UTC).</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When it closed (UTC); null while it has not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How often it reopened.</summary>
    public int Reopens { get; init; }

    /// <summary>The highest number of messages that waited for the breaker; null if its queues are not watched.</summary>
    public long? MessagesDelayed { get; init; }

    /// <summary>The minimum number of calls that the dependency was spared: see <see cref="OutageReport.CallsSpared"/>.</summary>
    public long CallsSpared { get; init; }

    /// <summary>
    /// Whether the alert has risen to critical because the outage lasted too long, or the breaker reopened too often: see
    /// <see cref="DependencyEscalation"/>.
    /// </summary>
    public bool IsEscalated { get; init; }

    /// <summary>The same outage as two instances saw it.</summary>
    internal static AlertOutage? Merge(AlertOutage? one, AlertOutage? other) => one is null || other is null ? one ?? other : one with
    {
        Began = one.Began < other.Began ? one.Began : other.Began,
        Reopens = Math.Max(one.Reopens, other.Reopens),
        MessagesDelayed = one.MessagesDelayed > (other.MessagesDelayed ?? 0) ? one.MessagesDelayed : other.MessagesDelayed ?? one.MessagesDelayed,
        CallsSpared = Math.Max(one.CallsSpared, other.CallsSpared),
        IsEscalated = one.IsEscalated || other.IsEscalated,
    };

    /// <summary>Combines an ended outage and the one that followed.</summary>
    internal AlertOutage Then(AlertOutage next) => next with
    {
        Began = Began,
        Reopens = Reopens + 1 + next.Reopens,
        MessagesDelayed = MessagesDelayed > (next.MessagesDelayed ?? 0) ? MessagesDelayed : next.MessagesDelayed,
        CallsSpared = CallsSpared + next.CallsSpared,
        IsEscalated = IsEscalated || next.IsEscalated,
    };
}
