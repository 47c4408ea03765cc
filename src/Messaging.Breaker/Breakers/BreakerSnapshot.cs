namespace Messaging.Breaker;

/// <summary>A breaker at one moment.</summary>
/// <param name="Name">The breaker's name.</param>
/// <param name="State">Its state.</param>
/// <param name="Mode">Its mode.</param>
/// <param name="Reason">Why it is in this state, in words.</param>
/// <param name="Since">Since when (UTC).</param>
/// <param name="NextProbeAt">When probing begins (UTC): the end of the break, or of an isolation that has an expiry; otherwise null.</param>
/// <param name="Window">The outcomes that count at this moment.</param>
/// <param name="Generation">Grows by one with each transition.</param>
/// <param name="RampLimit">How many messages at once the dependency gets while concurrency ramps up after a close; otherwise null.</param>
/// <param name="Calls">Outcomes counted since the process started, probes included.</param>
/// <param name="FailedCalls">Those of them that failed.</param>
public sealed record BreakerSnapshot(
    string Name,
    BreakerState State,
    BreakerMode Mode,
    string Reason,
    DateTimeOffset Since,
    DateTimeOffset? NextProbeAt,
    WindowSnapshot Window,
    long Generation,
    int? RampLimit,
    long Calls,
    long FailedCalls);
