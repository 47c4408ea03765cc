namespace Messaging.Breaker.Engine;

/// <summary>Generation, mode and state in one word, so that the closed path reads all three at once without the lock.</summary>
readonly record struct StateWord(long Value)
{
    public StateWord(long generation, BreakerMode mode, BreakerState state)
        : this((generation << 4) | ((long)mode << 2) | (long)state)
    {
    }

    public long Generation => Value >> 4;

    public BreakerMode Mode => (BreakerMode)((Value >> 2) & 3);

    public BreakerState State => (BreakerState)(Value & 3);
}
