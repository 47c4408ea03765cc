namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>What was learned about a dependency after a message failed because of it.</summary>
enum WaitResult
{
    /// <summary>Nothing: no other message has got through.</summary>
    Silence,

    /// <summary>Another message that began after the failure has succeeded.</summary>
    OthersSucceed,

    /// <summary>The breaker left the state in which the message was admitted, or the endpoint is about to stop.</summary>
    StateChanged,
}
