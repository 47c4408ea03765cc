using System.Diagnostics.CodeAnalysis;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Primitives;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// A running consumer of the endpoint: its channel, and the handler of its deliveries. Queues of keys deliver to the same handler. Nothing here
/// waits for a channel that is gone: when MassTransit disposes of the channel, the client never completes pending requests or callers waiting
/// to send one. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds no resources.")]
sealed class KeyConsumption
{
    // The client itself waits twenty seconds for an answer.
    static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    readonly AsyncLock _adding = new();
    readonly CancellationTokenSource _end = new();
    readonly TimeProvider _time;

    public KeyConsumption(ChannelContext channel, IAsyncBasicConsumer consumer, DeliveryOrder order, TimeProvider time)
    {
        (Channel, Consumer, Order, _time) = (channel, consumer, order, time);
        channel.Channel.ChannelShutdownAsync += OnShutdown;
    }

    public ChannelContext Channel { get; }

    public IAsyncBasicConsumer Consumer { get; }

    public DeliveryOrder Order { get; }

    public IConnection Connection => Channel.ConnectionContext.Connection;

    public bool IsOpen => Channel.Channel.IsOpen && !_end.IsCancellationRequested;

    /// <summary>The channel is lost, or the endpoint's consumer has ended.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>The endpoint's consumer has ended.</summary>
    public void End()
    {
        Channel.Channel.ChannelShutdownAsync -= OnShutdown;
        _end.Cancel();
    }

    /// <summary>Adds a consumer. One at a time: a channel's prefetch count applies to the consumer that is added next.</summary>
    public async Task<string> ConsumeAsync(string queue, ushort prefetch, IAsyncBasicConsumer deliveries, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        using var held = await _adding.EnterAsync(either.Token).ConfigureAwait(false);
        await Channel.Channel.BasicQosAsync(0, prefetch, global: false, CancellationToken.None).WaitAsync(LongestAnswer, _time, either.Token).ConfigureAwait(false);
        return await Channel.BasicConsume(queue, false, false, new Dictionary<string, object>(), deliveries, "", CancellationToken.None)
            .WaitAsync(LongestAnswer, _time, either.Token).ConfigureAwait(false);
    }

    public Task CancelAsync(string consumerTag) => Channel.BasicCancel(consumerTag, CancellationToken.None).WaitAsync(LongestAnswer, _time, _end.Token);

    Task OnShutdown(object sender, ShutdownEventArgs reason)
    {
        // Continuations run on another thread, because this one belongs to the client.
        _ = _end.CancelAsync();
        return Task.CompletedTask;
    }
}
