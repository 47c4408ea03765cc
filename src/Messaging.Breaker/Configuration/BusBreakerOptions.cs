namespace Messaging.Breaker;

/// <summary>What holds for all guarded endpoints of one bus. Set in code where the bus is configured; not thread-safe while being set.</summary>
public sealed class BusBreakerOptions
{
    int? _assumedDeliveryLimit;

    /// <summary>
    /// Sets the options of the guarded endpoints' own breakers, named <c>endpoint.{queue}</c>; null to have none. Such a breaker opens when message
    /// after message ends in <c>_error</c> and none is handled in between, whoever's fault it is: a bad deployment, a renamed property, an expired
    /// certificate. Its <see cref="BreakerOptions.ConsecutiveFailures"/> is how many distinct messages in a row, by default 20; its ratios are off.
    /// It holds for this instance only, and is not shared with a fleet. Options for one endpoint may be set in configuration, under
    /// <c>Breakers:endpoint.{queue}</c>. Default: all at their defaults.
    /// </summary>
    public Action<BreakerOptions>? EndpointBreaker { get; set; } = _ => { };

    /// <summary>
    /// Guards endpoints also on a transport without an adapter (Azure Service Bus, Amazon SQS, ActiveMQ, the SQL transport, Kafka, Event Hubs, any
    /// other), where their messages cannot go back while a breaker is open and are held in process instead, locked as if they were being
    /// handled. What that costs in an outage, such as locks that end, deliveries that are spent and messages that are handled twice, is said for each
    /// transport in docs/transports.md. Without it the bus refuses such endpoints at start. It changes nothing on RabbitMQ, and in memory
    /// holding costs nothing and needs no permission. Default: false.
    /// </summary>
    public bool AllowHolding { get; set; }

    /// <summary>
    /// Why the guarded endpoints start held, as by an operator, until they are resumed; null, the default, to start as usual. In a fleet a resumption on any
    /// instance lifts it on all that have started. An instance that starts again is held again. <see cref="MessagingBreakerExtensions.StartPaused"/> says
    /// the same for one endpoint. In configuration, which comes before both: <c>Breakers:StartPaused</c>, with true, false or the reason, for all
    /// endpoints of the worker, or <c>Breakers:StartPaused:{queue}</c> for one.
    /// </summary>
    public string? StartPaused { get; set; }

    /// <summary>
    /// The least delivery limit that a policy sets on queues that count deliveries (quorum queues), where the broker cannot be asked for it because
    /// <see cref="QueueDepthOptions.ManagementAddress"/> is not set. Of this and a queue's own <c>x-delivery-limit</c> the smaller counts. A
    /// message that was returned half as often is put to the end of its queue by publishing it anew, since at the limit the broker would
    /// drop it. From 2; where no policy sets a limit, say 20, the default of RabbitMQ 4.0 to 4.2. Default null: the worst is assumed, so that
    /// already a second return puts a message to the end of its queue, with <see cref="BreakerOptions.KeepOrder"/>, too; and a warning at
    /// start says so. From RabbitMQ 4.3 on returns do not count, and it says nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 2.</exception>
    public int? AssumedDeliveryLimit
    {
        get => _assumedDeliveryLimit;
        set => _assumedDeliveryLimit = value is null or >= 2 ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"{nameof(AssumedDeliveryLimit)} must be at least 2; declare a lower limit on the queue itself, by x-delivery-limit.");
    }
}
