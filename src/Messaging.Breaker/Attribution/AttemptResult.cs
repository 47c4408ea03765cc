namespace Messaging.Breaker.Attribution;

/// <summary>What one attempt to handle a message says about one of its breakers.</summary>
enum AttemptResult : byte
{
    Succeeded,

    /// <summary>It failed by this dependency, or by what may be its fault.</summary>
    Failed,

    /// <summary>It failed, and no failing call and no rule says why: whose fault that was is decided by what happens to other messages.</summary>
    Unexplained,

    /// <summary>It failed for a reason that is not this dependency.</summary>
    Unrelated,

    /// <summary>A call was not made, because the breaker refused it: nothing is known about the message.</summary>
    Refused,
}
