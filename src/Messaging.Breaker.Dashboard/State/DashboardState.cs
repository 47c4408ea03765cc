namespace Messaging.Breaker.Dashboard.State;

/// <summary>
/// What the page shows of the present moment. Without a queue monitor, the number of waiting messages is unknown. The other queues are those
/// that are watched but that no guarded endpoint consumes.
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
    /// <summary>For breakers that are split.</summary>
    public IReadOnlyList<KeysView> Keys { get; init; } = [];
}

/// <summary>
/// Since when a breaker has not been closed, and why. Its own time and reason are those of the last reopen.
/// </summary>
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
    /// <summary>Groups of alternatives: one closed breaker of each is enough.</summary>
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
