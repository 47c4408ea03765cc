using System.Text.Json.Serialization;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>A source's view of the present moment; <c>--json</c> prints it.</summary>
/// <param name="Source">"page" or "store".</param>
/// <param name="Address">The address, without credentials.</param>
/// <param name="Service">The page's name of its process; null for a store.</param>
/// <param name="Instance">The page's instance; null for a store.</param>
/// <param name="At">When.</param>
/// <param name="Instances">How many instances of the fleet are alive; null if not known.</param>
/// <param name="Breakers">The breakers.</param>
/// <param name="Endpoints">The guarded endpoints; null if the source cannot tell.</param>
/// <param name="OtherQueues">Watched queues that no guarded endpoint consumes; null if the source cannot tell.</param>
/// <param name="Alerts">The alerts; null if the source cannot tell.</param>
/// <param name="Keys">The keys of breakers that are split, the worst of each; null if the source cannot tell.</param>
/// <param name="Untold">What the source cannot tell, in words.</param>
sealed record FleetView(
    string Source,
    string Address,
    string? Service,
    string? Instance,
    DateTimeOffset At,
    int? Instances,
    IReadOnlyList<BreakerView> Breakers,
    IReadOnlyList<EndpointView>? Endpoints,
    IReadOnlyList<QueueView>? OtherQueues,
    IReadOnlyList<AlertView>? Alerts,
    IReadOnlyList<KeysView>? Keys,
    IReadOnlyList<string> Untold);

/// <summary>A breaker. States and modes are strings, so that those of a later version are shown unchanged.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Closed, Open, HalfOpen or Isolated.</param>
/// <param name="Mode">Enforcing, Shadow or Disabled; null if each instance's options decide.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">Since when it has been in this state.</param>
/// <param name="DownSince">Since when it has not been closed, regardless of reopens; null if it is closed, or that is not known.</param>
/// <param name="NextProbeAt">When the break or the isolation ends; null for no end.</param>
/// <param name="Decider">The instance that decided; null for the page's own.</param>
/// <param name="RampLimit">How many messages at once while concurrency rises after a close.</param>
/// <param name="Calls">Outcomes since the process started; null for a store.</param>
/// <param name="FailedCalls">How many of them failed.</param>
sealed record BreakerView(
    string Name,
    string State,
    string? Mode,
    string Reason,
    DateTimeOffset Since,
    DateTimeOffset? DownSince,
    DateTimeOffset? NextProbeAt,
    string? Decider,
    int? RampLimit,
    long? Calls,
    long? FailedCalls)
{
    [JsonIgnore]
    public bool IsClosed => State == nameof(BreakerState.Closed);
}

sealed record EndpointView(string Name, string State, int? Limit, IReadOnlyList<string> Breakers, HoldView? Hold, QueueView? Queue);

/// <param name="Reason">Why.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">When it ends by itself; null for never.</param>
/// <param name="By">Who gave the order; null if not specified.</param>
/// <param name="Instance">Where the order was given, if the hold applies to the whole fleet; null for the page's instance only.</param>
sealed record HoldView(string Reason, DateTimeOffset Since, DateTimeOffset? Until, string? By, string? Instance);

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

sealed record AlertView(string Rule, string Severity, IReadOnlyList<string> Queues, string? Breaker, string Message, DateTimeOffset Since);
