namespace Messaging.Breaker.ChaosTests.Shop;

/// <summary>What ails the payments service.</summary>
enum PaymentsTrouble
{
    None,

    /// <summary>500 to every call.</summary>
    Error,

    /// <summary>No answer; the caller has to give up.</summary>
    Hang,

    /// <summary>OK, but slower than the breaker's limit.</summary>
    Slow,

    /// <summary>503 at once, with a Retry-After of one second.</summary>
    Unavailable,

    /// <summary>500 and OK in turns of a fifth of a second.</summary>
    Flapping,

    /// <summary>500 to one call in three.</summary>
    HalfDead,

    /// <summary>OK, but after so long that a break is over before.</summary>
    OutlastsTheBreak,
}
