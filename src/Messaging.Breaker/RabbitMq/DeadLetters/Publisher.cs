using Messaging.Breaker.DeadLetters;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Publishes to queues, and waits for the broker's confirm of each message.</summary>
sealed class Publisher(SessionSetup setup)
{
    static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    IChannel? _channel;

    public Task<IReadOnlyList<MoveResult>> PublishAsync(
        string queue, IEnumerable<(BasicProperties Properties, byte[] Body)> messages, CancellationToken cancellationToken) => setup.Broker.DoAsync<IReadOnlyList<MoveResult>>(
        async () =>
        {
            if (_channel is not { IsOpen: true })
                _channel = await setup.Connection.CreateChannelAsync(Confirmed, cancellationToken).ConfigureAwait(false);
            var publishing = new List<Task<MoveResult>>();
            foreach (var (properties, body) in messages)
                publishing.Add(PublishAsync(_channel, queue, properties, body, cancellationToken));
            return await Task.WhenAll(publishing).ConfigureAwait(false);
        },
        cancellationToken);

    static async Task<MoveResult> PublishAsync(IChannel channel, string queue, BasicProperties properties, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            await channel.BasicPublishAsync("", queue, mandatory: true, properties, body, cancellationToken).ConfigureAwait(false);
            return MoveResult.Confirmed;
        }
        catch (PublishException exception)
        {
            return exception.IsReturn ? MoveResult.Gone : MoveResult.Refused;
        }
    }
}
