using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>A message that the broker delivered from the queue of a key at that time, and that has not been acknowledged.</summary>
sealed record KeyDelivery(long At, ulong Tag, bool Redelivered, string Exchange, string RoutingKey, IReadOnlyBasicProperties Properties, byte[] Body);
