namespace Messaging.Breaker.Engine;

/// <summary>
/// Admits one message. It carries the generation of the state that issued it, so a late result from an earlier state changes no state.
/// </summary>
readonly record struct Permit
{
    const int ClosedSlot = -1;
    const int UncountedSlot = -2;

    Permit(long generation, int slot) => (Generation, Slot) = (generation, slot);

    public static Permit Refused => default;

    /// <summary>0 for a refusal: the first generation of an engine is 1.</summary>
    public long Generation { get; }

    public int Slot { get; }

    public bool IsGranted => Generation != 0;

    public bool IsProbe => Slot >= 0 && IsGranted;

    public bool IsCounted => Slot != UncountedSlot && IsGranted;

    public static Permit Closed(long generation) => new(generation, ClosedSlot);

    /// <summary>The permit that a closed breaker issues.</summary>
    public static Permit InClosed(StateWord word) => word.Mode == BreakerMode.Disabled ? Uncounted(word.Generation) : Closed(word.Generation);

    /// <summary>
    /// A permit of an engine's first state, for calls that began before the engine existed. It has no effect once the state has changed.
    /// </summary>
    public static Permit OfFirstState => Closed(1);

    public static Permit Probe(long generation, int slot) => new(generation, slot);

    /// <summary>Admits without counting: the breaker is disabled, or would have refused in Shadow.</summary>
    public static Permit Uncounted(long generation) => new(generation, UncountedSlot);
}
