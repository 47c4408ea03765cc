namespace Messaging.Breaker.Dashboard.State;

/// <summary>
/// What the page shows of this moment. Without a queue monitor nobody knows how much waits; the other queues are those that are watched
/// and that no guarded endpoint consumes.
/// </summary>
sealed record DashboardState(
    string Service,
    string Instance,
    DateTimeOffset At,
    bool QueuesAreWatched,
    IReadOnlyList<BreakerSnapshot> Breakers,
    IReadOnlyList<Outage> Outages,
    IReadOnlyList<EndpointView> Endpoints,
    IReadOnlyList<QueueView> OtherQueues,
    IReadOnlyList<QueueAlert> Alerts)
{
    /// <summary>Of the breakers that are split.</summary>
    public IReadOnlyList<KeysView> Keys { get; init; } = [];
}

/// <summary>A breaker that is not closed: since it last was, and why it no longer is. Its own since and reason are those of the last reopening.</summary>
sealed record Outage(string Breaker, DateTimeOffset Since, string Reason);

sealed record EndpointView(
    string Name,
    string Address,
    EndpointState State,
    int? Limit,
    IReadOnlyList<string> Breakers,
    EndpointHold? Hold,
    QueueView? Queue)
{
    /// <summary>Groups of breakers of which one that is closed is enough.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Alternatives { get; init; } = [];
}

sealed record QueueView(
    string Name,
    DateTimeOffset At,
    long Ready,
    long? Unacknowledged,
    long Consumers,
    double? ArrivalRate,
    double? ServiceRate,
    double? SecondsUntilDrained,
    double? SecondsUntilLoss,
    long? DeadLetters);
