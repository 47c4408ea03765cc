using System.Threading.Channels;
using Messaging.Breaker.DeadLetters;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>
/// One consumer that takes as many messages as its prefetch allows and is then cancelled, which leaves them with the channel. So chunks follow
/// each other, nothing is delivered twice, and no more than one chunk is in memory.
/// </summary>
sealed class Chunk(IChannel channel, string queue, int number, ushort size, Func<DeadLetterDelivery, bool> keepsBody) : AsyncDefaultBasicConsumer(channel)
{
    readonly Channel<DeadLetterDelivery> _inbox = System.Threading.Channels.Channel.CreateUnbounded<DeadLetterDelivery>();

    // A broker that counts returns puts back the messages of a closed channel consumer by consumer, in the order of their names.
    readonly string _tag = $"dead-letters-{number:D8}";

    volatile bool _isEnding;

    /// <summary>The size in bytes of the messages that have arrived so far.</summary>
    public long Bytes { get; private set; }

    public ChannelReader<DeadLetterDelivery> Inbox => _inbox.Reader;

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await Channel.BasicQosAsync(0, size, global: false, cancellationToken).ConfigureAwait(false);
        await Channel.BasicConsumeAsync(queue, autoAck: false, _tag, noLocal: false, exclusive: false, arguments: null, this, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>No more messages arrive; those that have arrived are still to be read.</summary>
    public Task EndAsync(CancellationToken cancellationToken)
    {
        _isEnding = true;
        return Channel.BasicCancelAsync(_tag, noWait: false, cancellationToken);
    }

    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        var letter = DeadLetterDelivery.Of(deliveryTag, properties, body);
        Bytes += body.Length + letter.HeaderBytes;
        if (keepsBody(letter))
            letter.Body = body.ToArray();
        _inbox.Writer.TryWrite(letter);
        return Task.CompletedTask;
    }

    public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        _inbox.Writer.TryComplete(new ConnectionLostException($"the channel on which '{queue}' is read is lost ({reason.ReplyText})", null));
        return base.HandleChannelShutdownAsync(channel, reason);
    }

    /// <summary>
    /// If this was not requested, the broker has cancelled the consumer, for example after its timeout, and has put its messages back.
    /// </summary>
    protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        _inbox.Writer.TryComplete(_isEnding ? null : new ConnectionLostException($"the broker has cancelled the consumer of '{queue}'", null));
        return base.OnCancelAsync(consumerTags, cancellationToken);
    }
}
