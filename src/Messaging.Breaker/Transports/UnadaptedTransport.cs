using MassTransit;

namespace Messaging.Breaker.Transports;

/// <summary>A transport without an adapter. docs/transports.md says more of each.</summary>
/// <param name="Name">What its users call it.</param>
/// <param name="Cost">What holding messages in process costs there; completes "There, ...".</param>
sealed record UnadaptedTransport(string Name, string Cost)
{
    static readonly (string Namespace, UnadaptedTransport Transport)[] OfBuses =
    [
        ("MassTransit.AzureServiceBusTransport", new(
            "Azure Service Bus",
            "a held message keeps its lock for MaxAutoRenewDuration (by default 5 minutes) and a LockDuration; after that it is delivered and handled "
            + "again besides, and is dead-lettered once MaxDeliveryCount (by default 5) is spent")),
        ("MassTransit.AmazonSqsTransport", new(
            "Amazon SQS",
            "a held message stays invisible while its visibility time-out is renewed, which ends with the first failing call and after 12 hours; after "
            + "that it is received and handled again besides, and each receive counts towards the maxReceiveCount of a redrive policy")),
        ("MassTransit.ActiveMqTransport", new(
            "ActiveMQ",
            "held messages keep their places in the consumer's prefetch, where no other instance gets them, and each stop or crash gives them back as "
            + "a redelivery, of which Artemis allows 10 by default before it dead-letters or drops a message")),
        ("MassTransit.SqlTransport", new(
            "the SQL transport",
            "the lock of each held message is renewed by a statement every 42 seconds, which ends with the first that fails and after MaxLockDuration "
            + "(by default 12 hours); after that it is delivered and handled again besides, and is dead-lettered once MaxDeliveryCount (by default 10) is spent")),
    ];

    static readonly (string Prefix, UnadaptedTransport Transport)[] OfRiders =
    [
        ("kafka/", new(
            "Kafka",
            "a held message keeps its partition's offset from being committed, and once PrefetchCount (by default 1,000) messages wait the consumer no "
            + "longer polls, so after max.poll.interval.ms (by default 5 minutes) its partitions, with what is held, go to another one and are handled again besides")),
        ("event-hub/", new(
            "Event Hubs",
            "a held event keeps its partition from being checkpointed, so a stop, a crash or a rebalance makes all of it since the last checkpoint be "
            + "handled again, and what waits for longer than the hub's retention is lost")),
    ];

    public static UnadaptedTransport Of(IReceiveEndpointConfigurator endpoint)
    {
        var type = endpoint.GetType();
        foreach (var (name, transport) in OfBuses)
            if (type.Namespace is { } space && (space == name || space.StartsWith(name + ".", StringComparison.Ordinal)))
                return transport;
        return Unknown($"the transport of '{endpoint.InputAddress.Scheme}:' addresses ({type.FullName})");
    }

    /// <param name="name">The endpoint's, which begins with the rider's.</param>
    public static UnadaptedTransport OfRider(string name)
    {
        foreach (var (prefix, transport) in OfRiders)
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return transport;
        return Unknown("this rider");
    }

    static UnadaptedTransport Unknown(string name) => new(
        name,
        "nothing is known of how long a held message stays locked, nor of what becomes of it when the lock ends: it may be delivered and handled again "
        + "besides, or be dead-lettered when its deliveries are counted");
}
