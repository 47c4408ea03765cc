namespace Messaging.Breaker;

/// <summary>The rule by which a breaker changed its state.</summary>
public enum TransitionCause
{
    /// <summary>The share of failures in the window reached <see cref="BreakerOptions.FailureRatio"/>.</summary>
    FailureRatio,

    /// <summary>There were as many failures or slow calls in a row as <see cref="BreakerOptions.ConsecutiveFailures"/> says.</summary>
    ConsecutiveFailures,

    /// <summary>The share of slow calls in the window reached <see cref="BreakerOptions.SlowCallRatio"/>.</summary>
    SlowCallRatio,

    /// <summary>
    /// One failure was enough: HTTP 429 or 503 with Retry-After, another circuit breaker that is open, or a rule of the user.
    /// </summary>
    TripImmediately,

    /// <summary>The break has passed, or an active probe ended it; probing begins.</summary>
    BreakElapsed,

    /// <summary>Enough probes succeeded.</summary>
    ProbesSucceeded,

    /// <summary>So many probes failed that the round could no longer succeed.</summary>
    ProbesFailed,

    /// <summary>An operator, or code that acts for one, requested it.</summary>
    Operator,

    /// <summary>An isolation reached its expiry.</summary>
    IsolationExpired,

    /// <summary>An operator changed the mode. The breaker starts again in Closed.</summary>
    ModeChanged,

    /// <summary>The mode was changed in the configuration. The breaker starts again in Closed.</summary>
    ConfigurationChanged,

    /// <summary>Half of the keys in use of a split breaker, and at least five, were open.</summary>
    KeysOpen,
}
