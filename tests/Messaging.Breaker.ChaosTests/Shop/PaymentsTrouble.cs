namespace Messaging.Breaker.ChaosTests.Shop;

/// <summary>What is wrong with the payments service.</summary>
enum PaymentsTrouble
{
    None,

    /// <summary>500 to every call.</summary>
    Error,

    /// <summary>No answer, so that the caller has to give up.</summary>
    Hang,

    /// <summary>OK, but slower than the breaker's limit.</summary>
    Slow,

    /// <summary>503 at once, with a Retry-After of one second.</summary>
    Unavailable,

    /// <summary>500 and OK in turns, for a fifth of a second each.</summary>
    Flapping,

    /// <summary>500 to one call in three.</summary>
    HalfDead,

    /// <summary>OK, but after so long that a break ends first.</summary>
    OutlastsTheBreak,
}
