namespace Messaging.Breaker.ChaosTests.Stores;

/// <summary>Where the workers share the state of their breakers.</summary>
public enum SharedStore
{
    /// <summary>Nothing is shared: each worker decides for itself.</summary>
    None,

    Redis,

    /// <summary>On the broker, over AMQP.</summary>
    Bus,
}
