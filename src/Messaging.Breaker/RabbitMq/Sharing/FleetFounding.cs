using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// Declares a fleet's queues and exchange on the broker, once. A quorum queue may exist but not work yet for a moment after its declaration,
/// and RabbitMQ 3.10 then closes connections that consume from it and drops what is published to it. So of many instances that start at once,
/// one founds the fleet while the others wait. The exchange comes last: an instance that finds it finds everything.
/// </summary>
sealed class FleetFounding(IConnection connection, FleetTopology topology, TimeProvider time)
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        while (!await IsFoundedAsync(cancellationToken).ConfigureAwait(false) && !await TryFoundAsync(cancellationToken).ConfigureAwait(false))
            await Task.Delay(Step, time, cancellationToken).ConfigureAwait(false);
    }

    Task<bool> IsFoundedAsync(CancellationToken cancellationToken) => TryAsync(
        channel => channel.ExchangeDeclarePassiveAsync(topology.Notices, cancellationToken), Constants.NotFound, cancellationToken);

    Task<bool> TryFoundAsync(CancellationToken cancellationToken) => TryAsync(
        async channel =>
        {
            await channel.QueueDeclareAsync(
                topology.Founding, durable: false, exclusive: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
            await topology.DeclareQueuesAsync(channel, cancellationToken).ConfigureAwait(false);
            await EnsureAtWorkAsync(channel, cancellationToken).ConfigureAwait(false);
            await topology.DeclareExchangeAsync(channel, cancellationToken).ConfigureAwait(false);
            await channel.QueueDeleteAsync(topology.Founding, cancellationToken: cancellationToken).ConfigureAwait(false);
        },
        Constants.ResourceLocked,
        cancellationToken);

    /// <summary>Gets a message from two of the queues, and puts a command that reads nothing into the third.</summary>
    async Task EnsureAtWorkAsync(IChannel channel, CancellationToken cancellationToken)
    {
        foreach (var queue in (string[])[topology.State, topology.Lists])
            if (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken).ConfigureAwait(false) is { } snapshot)
                await channel.BasicNackAsync(snapshot.DeliveryTag, multiple: false, requeue: true, cancellationToken).ConfigureAwait(false);
        await channel.BasicPublishAsync(
            "",
            topology.Commands,
            mandatory: true,
            new BasicProperties { ContentType = "application/json" },
            JsonSerializer.SerializeToUtf8Bytes(new Read([]), MessageFormat.Default.Command),
            cancellationToken).ConfigureAwait(false);
    }

    /// <returns>False if the broker refused for the expected reason; then the channel is closed.</returns>
    async Task<bool> TryAsync(Func<IChannel, Task> act, ushort refusal, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        try
        {
            await act(channel).ConfigureAwait(false);
            return true;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == refusal)
        {
            return false;
        }
    }
}
