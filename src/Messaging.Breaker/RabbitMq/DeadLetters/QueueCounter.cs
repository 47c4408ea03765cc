using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Counts the messages in queues on its own channel: asking for a missing queue closes the channel.</summary>
sealed class QueueCounter(SessionSetup setup)
{
    IChannel? _channel;

    public Task<long?> CountAsync(string queue, CancellationToken cancellationToken) => setup.Broker.DoAsync(
        async () =>
        {
            if (_channel is not { IsOpen: true })
                _channel = await setup.Connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            try
            {
                return (long?)(await _channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false)).MessageCount;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                return null;
            }
        },
        cancellationToken);
}
