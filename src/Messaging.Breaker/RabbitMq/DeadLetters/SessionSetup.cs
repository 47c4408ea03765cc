using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>What a session begins with.</summary>
sealed record SessionSetup
{
    public required IConnection Connection { get; init; }

    public required IChannel Reading { get; init; }

    public required string Queue { get; init; }

    public required string VirtualHost { get; init; }

    public required long Found { get; init; }

    public required int Consumers { get; init; }

    /// <summary>A message that was returned this often is published again before its next return.</summary>
    public required long HalfLimit { get; init; }

    public required BrokerErrors Broker { get; init; }

    public required TimeProvider Time { get; init; }
}
