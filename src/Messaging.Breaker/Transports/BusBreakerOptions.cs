namespace Messaging.Breaker;

/// <summary>
/// Options for all guarded endpoints of one bus. Set in code where the bus is configured; not thread-safe while being set.
/// </summary>
public sealed class BusBreakerOptions
{
    int? _assumedDeliveryLimit;

    /// <summary>
    /// Sets the options of the guarded endpoints' own breakers, named <c>endpoint.{queue}</c>; null to have none. Such a breaker opens when
    /// message after message ends in <c>_error</c> and none is handled in between, whoever is at fault: a bad deployment, a renamed
    /// property, an expired certificate. Its <see cref="BreakerOptions.ConsecutiveFailures"/> is the number of distinct messages in a row,
    /// by default 20. Its ratios are off. It applies to this instance only, and is not shared with a fleet. Options for one endpoint can be
    /// set in configuration, under <c>Breakers:endpoint.{queue}</c>. Default: every option at its default.
    /// </summary>
    public Action<BreakerOptions>? EndpointBreaker { get; set; } = _ => { };

    /// <summary>
    /// Whether endpoints are also guarded on a transport without an adapter (Azure Service Bus, Amazon SQS, ActiveMQ, the SQL transport,
    /// Kafka, Event Hubs, any other). There, messages cannot go back while a breaker is open. They are held in process instead, locked as
    /// if they were being handled. docs/transports.md lists the cost in an outage for each transport, such as locks that end, deliveries
    /// that are used up and messages that are handled twice. Default false: the bus refuses such endpoints at start. The option changes
    /// nothing on RabbitMQ. In memory, holding costs nothing and needs no permission.
    /// </summary>
    public bool AllowHolding { get; set; }

    /// <summary>
    /// The reason why the guarded endpoints start held, as if by an operator, until they are resumed; null, the default, to start as usual.
    /// In a fleet, resuming on any instance ends the hold on all instances that have started. An instance that starts again is held again.
    /// <see cref="MessagingBreakerExtensions.StartPaused"/> does the same for one endpoint. Configuration takes precedence over both:
    /// <c>Breakers:StartPaused</c>, with true, false or the reason, for all endpoints of the worker, or <c>Breakers:StartPaused:{queue}</c>
    /// for one.
    /// </summary>
    public string? StartPaused { get; set; }

    /// <summary>
    /// The lowest delivery limit that a policy sets on queues that count deliveries (quorum queues). It is used if the broker cannot be
    /// asked, because <see cref="QueueDepthOptions.ManagementAddress"/> is not set. The smaller of this and a queue's own
    /// <c>x-delivery-limit</c> applies. A message that was returned half as often is published again to the end of its queue, because the
    /// broker would drop it at the limit. From 2. If no policy sets a limit, use 20, the default of RabbitMQ 4.0 to 4.2. Default null: the
    /// library assumes the worst. Then the second return already puts a message at the end of its queue, even with
    /// <see cref="BreakerOptions.KeepOrder"/>, and a warning at start says so. From RabbitMQ 4.3 on, returns do not count, and there is no
    /// warning.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 2.</exception>
    public int? AssumedDeliveryLimit
    {
        get => _assumedDeliveryLimit;
        set => _assumedDeliveryLimit = value is null or >= 2 ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"{nameof(AssumedDeliveryLimit)} must be at least 2; declare a lower limit on the queue itself, by x-delivery-limit.");
    }
}
