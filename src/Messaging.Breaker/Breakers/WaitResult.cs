namespace Messaging.Breaker.Breakers;

/// <summary>What has become known about a dependency since a message failed by it.</summary>
enum WaitResult
{
    /// <summary>Nothing: nobody else has got through.</summary>
    Silence,

    /// <summary>Another that began after the failure succeeded.</summary>
    OthersSucceed,

    /// <summary>The breaker left the state in which the message was admitted, or the endpoint is about to stop.</summary>
    StateChanged,
}
