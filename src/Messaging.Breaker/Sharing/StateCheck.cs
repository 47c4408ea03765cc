using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// Whether a shared state is credible, wherever it comes from: a peer of another version, a store that was edited, a user's own store.
/// </summary>
static class StateCheck
{
    /// <summary>
    /// The limit of versions: Redis counts in doubles, which are exact up to twice this value. No fleet gets there by changes.
    /// </summary>
    public const long VersionLimit = 1L << 52;

    const int LongestName = 200;
    /// <summary>The maximum length of a stored reason, in characters.</summary>
    public const int LongestReason = 1_000;
    const int LongestBy = 100;

    // Longer than any break, and short enough for timestamps to go beyond it.
    static readonly TimeSpan Longest = TimeSpan.FromDays(3_650);

    // For a break without an end, for example one that a later version wrote: only an operator's isolation lasts until further notice.
    static readonly TimeSpan LengthOfEndless = TimeSpan.FromSeconds(30);

    /// <summary>The next version: the highest one is followed by the first.</summary>
    public static long After(long version) => version < VersionLimit - 1 ? version + 1 : 1;

    /// <summary>Why the state is not credible; null if it is.</summary>
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

    /// <summary>The same state with a reason that can be shown, and within limits.</summary>
    public static SharedBreakerState Tidy(SharedBreakerState state) => Bound(state with { Reason = OneLine.Of(state.Reason, LongestReason), By = state.By is { } by ? OneLine.Of(by, LongestBy) : null });

    /// <summary>
    /// The same state with an age and a length that can be calculated with, and a reason that can be stored. A store keeps what it was given.
    /// </summary>
    public static SharedBreakerState Bound(SharedBreakerState state) => state with
    {
        Reason = state.Reason.Length <= LongestReason ? state.Reason : OneLine.Of(state.Reason, LongestReason),
        By = state.By is { Length: > LongestBy } by ? OneLine.Of(by, LongestBy) : state.By,
        Length = state.Length > Longest ? Longest : state.Length ?? (state.State == BreakerState.Open ? LengthOfEndless : null),
        Age = state.Age < TimeSpan.Zero ? TimeSpan.Zero : state.Age > Longest ? Longest : state.Age,
    };
}
