namespace Messaging.Breaker;

/// <summary>A queue at one moment, and what is to be expected of it.</summary>
/// <param name="Queue">The queue's name, which is its endpoint's.</param>
/// <param name="Breakers">The breakers that guard its endpoint; empty for a queue that was only named.</param>
/// <param name="At">When it was sampled (UTC).</param>
/// <param name="Ready">Messages that wait.</param>
/// <param name="Unacknowledged">Messages delivered and not yet acknowledged; null where the source of the sample does not tell.</param>
/// <param name="Consumers">Consumers on the queue.</param>
/// <param name="ArrivalRate">Messages a second that come in, smoothed; null until it is known.</param>
/// <param name="ServiceRate">Messages a second that are handled while the endpoint runs, smoothed; null until it is known.</param>
/// <param name="TimeUntilDrained">How long it takes from a resumption on until nothing waits; null if never at these rates, or unknown.</param>
/// <param name="TimeUntilLoss">How long until a length limit or a time to live loses messages while nothing is handled; null for never, or unknown.</param>
/// <param name="Alerts">The alerts that are raised for it now.</param>
public sealed record QueueSnapshot(
    string Queue,
    IReadOnlyList<string> Breakers,
    DateTimeOffset At,
    long Ready,
    long? Unacknowledged,
    long Consumers,
    double? ArrivalRate,
    double? ServiceRate,
    TimeSpan? TimeUntilDrained,
    TimeSpan? TimeUntilLoss,
    IReadOnlyList<QueueAlert> Alerts)
{
    /// <summary>Messages that wait in <c>_error</c> of the endpoint; null where its dead letters are not offered.</summary>
    public long? DeadLetters { get; init; }
}
