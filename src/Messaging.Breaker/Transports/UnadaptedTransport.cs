using MassTransit;

namespace Messaging.Breaker.Transports;

/// <summary>A transport without an adapter. docs/transports.md says more about each.</summary>
/// <param name="Name">The name that its users know.</param>
/// <param name="Cost">The cost of holding messages in the process there; completes "On this transport, ...".</param>
sealed record UnadaptedTransport(string Name, string Cost)
{
    static readonly (string Namespace, UnadaptedTransport Transport)[] OfBuses =
    [
        ("MassTransit.AzureServiceBusTransport", new(
            "Azure Service Bus",
            "a held message keeps its lock for MaxAutoRenewDuration (by default 5 minutes) plus one LockDuration; after that it is delivered and handled "
            + "a second time as well, and is dead-lettered once MaxDeliveryCount (by default 5) is used up")),
        ("MassTransit.AmazonSqsTransport", new(
            "Amazon SQS",
            "a held message stays invisible while its visibility time-out is renewed, which ends at the first renewal that fails or after 12 hours; after "
            + "that it is received and handled a second time as well, and each receive counts towards the maxReceiveCount of a redrive policy")),
        ("MassTransit.ActiveMqTransport", new(
            "ActiveMQ",
            "held messages keep their places in the consumer's prefetch, where no other instance gets them, and each stop or crash returns them as "
            + "a redelivery, of which Artemis allows 10 by default before it dead-letters or drops a message")),
        ("MassTransit.SqlTransport", new(
            "the SQL transport",
            "the lock of each held message is renewed by a statement every 42 seconds, which ends at the first one that fails or after MaxLockDuration "
            + "(by default 12 hours); after that it is delivered and handled a second time as well, and is dead-lettered once MaxDeliveryCount (by default 10) is used up")),
    ];

    static readonly (string Prefix, UnadaptedTransport Transport)[] OfRiders =
    [
        ("kafka/", new(
            "Kafka",
            "a held message keeps its partition's offset from being committed, and once PrefetchCount (by default 1,000) messages wait, the consumer stops "
            + "polling, so after max.poll.interval.ms (by default 5 minutes) another consumer gets its partitions and handles the held messages as well")),
        ("event-hub/", new(
            "Event Hubs",
            "a held event keeps its partition from being checkpointed, so after a stop, a crash or a rebalance all its events since the last checkpoint are "
            + "handled again, and events that wait longer than the hub's retention are lost")),
    ];

    public static UnadaptedTransport Of(IReceiveEndpointConfigurator endpoint)
    {
        var type = endpoint.GetType();
        foreach (var (name, transport) in OfBuses)
            if (type.Namespace is { } space && (space == name || space.StartsWith(name + ".", StringComparison.Ordinal)))
                return transport;
        return Unknown($"the transport of '{endpoint.InputAddress.Scheme}:' addresses ({type.FullName})");
    }

    /// <param name="name">The endpoint's name, which begins with the rider's.</param>
    public static UnadaptedTransport OfRider(string name)
    {
        foreach (var (prefix, transport) in OfRiders)
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return transport;
        return Unknown("this rider");
    }

    static UnadaptedTransport Unknown(string name) => new(
        name,
        "it is not known how long a held message stays locked, or what happens to it when the lock ends: it may be delivered and handled again "
        + "as well, or be dead-lettered if its deliveries are counted");
}
