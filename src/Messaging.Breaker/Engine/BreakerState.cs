namespace Messaging.Breaker;

/// <summary>The state of a breaker.</summary>
public enum BreakerState
{
    /// <summary>The dependency is assumed to work: every message is admitted and its outcome counted.</summary>
    Closed,

    /// <summary>The dependency is assumed to be down: nothing is admitted until the break has passed.</summary>
    Open,

    /// <summary>The break has passed: a few probes are admitted to find out whether the dependency is back.</summary>
    HalfOpen,

    /// <summary>An operator holds the breaker open, until it is released or the isolation expires.</summary>
    Isolated,
}
