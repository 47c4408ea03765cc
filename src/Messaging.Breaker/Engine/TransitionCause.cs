namespace Messaging.Breaker;

/// <summary>The rule by which a breaker changed its state.</summary>
public enum TransitionCause
{
    /// <summary>The share of failures in the window reached <see cref="BreakerOptions.FailureRatio"/>.</summary>
    FailureRatio,

    /// <summary>As many failures or slow calls came in a row as <see cref="BreakerOptions.ConsecutiveFailures"/> says.</summary>
    ConsecutiveFailures,

    /// <summary>The share of slow calls in the window reached <see cref="BreakerOptions.SlowCallRatio"/>.</summary>
    SlowCallRatio,

    /// <summary>One failure was enough: it said so itself (HTTP 429 or 503 with Retry-After, another breaker that is open, a rule of the user).</summary>
    TripImmediately,

    /// <summary>The break has passed; probing begins.</summary>
    BreakElapsed,

    /// <summary>Enough probes succeeded.</summary>
    ProbesSucceeded,

    /// <summary>So many probes failed that the round could no longer succeed.</summary>
    ProbesFailed,

    /// <summary>An operator, or code that acts for one, asked for it.</summary>
    Operator,

    /// <summary>An isolation came to its expiry.</summary>
    IsolationExpired,

    /// <summary>An operator changed the mode, which starts the breaker anew in Closed.</summary>
    ModeChanged,

    /// <summary>The mode was changed in the configuration, which starts the breaker anew in Closed.</summary>
    ConfigurationChanged,

    /// <summary>Half of the keys in use of a partitioned breaker, and at least five, were open.</summary>
    KeysOpen,
}
