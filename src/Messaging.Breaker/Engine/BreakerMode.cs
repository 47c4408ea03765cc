namespace Messaging.Breaker;

/// <summary>What a breaker does with its verdicts.</summary>
public enum BreakerMode
{
    /// <summary>The breaker refuses messages and pauses endpoints. The default.</summary>
    Enforcing,

    /// <summary>The breaker counts and reports what it would have done, and refuses and pauses nothing.</summary>
    Shadow,

    /// <summary>The breaker lets everything through and counts nothing.</summary>
    Disabled,
}
