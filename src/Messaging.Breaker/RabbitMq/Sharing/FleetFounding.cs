using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// Makes what a fleet has on the broker, once. A quorum queue may be there and not yet at work for a moment after it was declared, and
/// RabbitMQ 3.10 closes connections that consume from it in that moment and drops what is published to it. So of many instances that start
/// at once one founds the fleet while the others wait, and the exchange comes last: who finds it finds all.
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

    /// <summary>Two are asked for a message, and the other given one that asks for nothing.</summary>
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

    /// <returns>False if the broker refused for the reason that is to be expected; then the channel is closed.</returns>
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
