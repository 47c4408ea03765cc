using Messaging.Breaker.DeadLetters;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>
/// Listens to dead-lettered messages: MassTransit publishes them to an exchange with the name of their queue. So it sees failures on every
/// instance of the fleet at once, however many messages are in the queue.
/// </summary>
sealed class FailureListener(SessionSetup setup)
{
    const int MostWaiting = 10_000;

    public Task<bool> ListenAsync(string exchange, Guid run, Action<FaultDetails> failed, CancellationToken cancellationToken) => setup.Broker.DoAsync(
        async () =>
        {
            var channel = await setup.Connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            try
            {
                await channel.ExchangeDeclarePassiveAsync(exchange, cancellationToken).ConfigureAwait(false);
                var arguments = new Dictionary<string, object?> { [QueueArguments.Type] = "classic", ["x-max-length"] = MostWaiting };
                var queue = await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
                await channel.QueueBindAsync(queue.QueueName, exchange, "#", cancellationToken: cancellationToken).ConfigureAwait(false);
                await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, new Listener(channel, run.ToString("N"), failed), cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode is Constants.NotFound or Constants.AccessRefused)
            {
                return false;
            }
        },
        cancellationToken);

    sealed class Listener(IChannel channel, string run, Action<FaultDetails> failed) : AsyncDefaultBasicConsumer(channel)
    {
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
            if (DeadLetterDelivery.Of(deliveryTag, properties, body) is { } letter && letter.Run == run)
                failed(letter.Fault);
            return Task.CompletedTask;
        }
    }
}
