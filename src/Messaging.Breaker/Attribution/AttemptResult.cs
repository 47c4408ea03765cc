namespace Messaging.Breaker.Attribution;

/// <summary>What one attempt to handle a message means for one of its breakers.</summary>
enum AttemptResult : byte
{
    Succeeded,

    /// <summary>It failed, and this dependency may be the reason.</summary>
    Failed,

    /// <summary>It failed for a reason that is not this dependency.</summary>
    NotOurs,

    /// <summary>A call was not made, because the breaker refused it: nothing is known about the message.</summary>
    Refused,
}
