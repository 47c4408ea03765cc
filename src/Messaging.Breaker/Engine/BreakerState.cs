namespace Messaging.Breaker;

/// <summary>Where a breaker stands.</summary>
public enum BreakerState
{
    /// <summary>The dependency is taken to work: every message is admitted and its outcome counted.</summary>
    Closed,

    /// <summary>The dependency is taken to be down: nothing is admitted until the break has passed.</summary>
    Open,

    /// <summary>The break has passed: a few probes are admitted to find out whether the dependency is back.</summary>
    HalfOpen,

    /// <summary>Held open by an operator, until released or until the isolation's expiry.</summary>
    Isolated,
}
