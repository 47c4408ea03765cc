using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports.Components;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// Reasons why an endpoint must not be paused: stopping it would lose the queue or messages, or something else stops and starts it too.
/// </summary>
static class PausabilityRules
{
    public static IEnumerable<string> Problems(RabbitMqReceiveEndpointConfiguration endpoint)
    {
        var queue = endpoint.Settings;
        if (queue.QueueName == "amq.rabbitmq.reply-to")
            yield return "it consumes replies without acknowledgement; guard the endpoint that sends the requests instead";
        if (queue.NoAck)
            yield return "NoAck is set, so it loses messages when it stops; remove NoAck";
        if (queue.AutoDelete)
            yield return "AutoDelete is set, so its queue is deleted when it stops; remove AutoDelete, or Temporary from its definition";
        if (queue.Exclusive)
            yield return "Exclusive is set, so its queue is deleted with the connection; remove Exclusive";
        if (queue.QueueExpiration is { } expiration)
            yield return $"QueueExpiration is {expiration}, so its queue is deleted when a pause lasts longer; remove QueueExpiration";
        if (queue.PurgeOnStartup)
            yield return "PurgeOnStartup is set, so resuming deletes the waiting messages; remove PurgeOnStartup";
        if (queue.QueueArguments.TryGetValue("x-queue-type", out var type) && type as string == "stream")
            yield return "it reads a stream, where nothing can be returned; use a quorum queue";
        if (endpoint.EndpointObservers.Connected.Any(observer => observer is KillSwitch))
            yield return "it uses UseKillSwitch, and both would stop and start it; remove UseKillSwitch, which the breaker replaces";
        if (!endpoint.DependentsCompleted.IsCompleted)
            yield return "other endpoints depend on it, like those of the job service, and stopping it would wait for them; guard another endpoint";
    }

    public static IEnumerable<string> Warnings(RabbitMqReceiveEndpointConfiguration endpoint)
    {
        var arguments = endpoint.Settings.QueueArguments;
        if (arguments.TryGetValue("x-message-ttl", out var ttl))
            yield return $"x-message-ttl is {ttl} ms: messages that wait longer while the endpoint is paused are lost";
        foreach (var bound in (string[])["x-max-length", "x-max-length-bytes"])
            if (arguments.TryGetValue(bound, out var most) && !DropsNothing(arguments))
                yield return $"{bound} is {most}, and a full queue drops its oldest messages: those that wait while the endpoint is paused, and those that the "
                    + "pause returns; set x-overflow to reject-publish, or x-dead-letter-exchange to keep what is dropped";
        if (arguments.TryGetValue("x-delayed-retry-type", out var type) && type is "returned" or "all")
            yield return $"x-delayed-retry-type is {type}, so the broker delays the messages that a pause returned, and recovery waits for them; use failed, which does not delay them";
    }

    static bool DropsNothing(IDictionary<string, object> arguments) =>
        arguments.ContainsKey("x-dead-letter-exchange")
        || (arguments.TryGetValue("x-overflow", out var overflow) && overflow is string way && way.StartsWith("reject-publish", StringComparison.Ordinal));
}
