using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// What a shared state must be like to be believed, whoever told it: a peer of another version, a store that was edited, a store of the user's.
/// </summary>
static class StateCheck
{
    /// <summary>Beyond it counting ends: Redis counts in doubles, which are exact up to twice that. No fleet gets there by changing.</summary>
    public const long VersionLimit = 1L << 52;

    const int LongestName = 200;
    /// <summary>Of a reason that is kept, in letters.</summary>
    public const int LongestReason = 1_000;
    const int LongestBy = 100;

    // Longer than any break, and short enough for timestamps to reach beyond it.
    static readonly TimeSpan Longest = TimeSpan.FromDays(3_650);

    // Of a break that was given no end, as by a later version's word for a state: only an operator's isolation lasts until further notice.
    static readonly TimeSpan LengthOfEndless = TimeSpan.FromSeconds(30);

    /// <summary>The version that follows: the last that is believed is followed by the first.</summary>
    public static long After(long version) => version < VersionLimit - 1 ? version + 1 : 1;

    /// <summary>Why the state cannot be believed; null if it can.</summary>
    public static string? Problem(SharedBreakerState? state) => state switch
    {
        null => "it is null",
        { Breaker: not { Length: > 0 and <= LongestName } } => "it names no breaker",
        { Version: < 0 or >= VersionLimit } => $"its version is {state.Version}",
        _ when !Enum.IsDefined(state.State) => $"its state is {(int)state.State}",
        { Mode: { } mode } when !Enum.IsDefined(mode) => $"its mode is {(int)mode}",
        _ when !Enum.IsDefined(state.Cause) => $"its cause is {(int)state.Cause}",
        { Reason: null } => "it has no reason",
        { Instance: not { Length: > 0 and <= LongestName } } => "it names no instance",
        _ when state.Length < TimeSpan.Zero => $"its length is {state.Length}",
        _ => null,
    };

    /// <summary>The same state with a reason that can be shown, and within bounds.</summary>
    public static SharedBreakerState Tidy(SharedBreakerState state) => Bound(state with { Reason = OneLine.Of(state.Reason, LongestReason), By = state.By is { } by ? OneLine.Of(by, LongestBy) : null });

    /// <summary>The same state with an age and a length that can be reckoned with, and a reason that can be kept. A store keeps what it was told.</summary>
    public static SharedBreakerState Bound(SharedBreakerState state) => state with
    {
        Reason = state.Reason.Length <= LongestReason ? state.Reason : OneLine.Of(state.Reason, LongestReason),
        By = state.By is { Length: > LongestBy } by ? OneLine.Of(by, LongestBy) : state.By,
        Length = state.Length > Longest ? Longest : state.Length ?? (state.State == BreakerState.Open ? LengthOfEndless : null),
        Age = state.Age < TimeSpan.Zero ? TimeSpan.Zero : state.Age > Longest ? Longest : state.Age,
    };
}
