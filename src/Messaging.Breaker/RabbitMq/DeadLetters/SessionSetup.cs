using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>With what a session begins.</summary>
sealed record SessionSetup
{
    public required IConnection Connection { get; init; }

    public required IChannel Reading { get; init; }

    public required string Queue { get; init; }

    public required string VirtualHost { get; init; }

    public required long Found { get; init; }

    public required int Consumers { get; init; }

    /// <summary>A message that was returned so often is published anew before it is returned once more.</summary>
    public required long HalfLimit { get; init; }

    public required BrokerErrors Broker { get; init; }

    public required TimeProvider Time { get; init; }
}
