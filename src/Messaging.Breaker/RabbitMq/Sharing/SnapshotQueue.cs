using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// The queue with one message: the snapshot. To write it, a coordinator first takes out the previous one, and finds its own or has been
/// replaced. So two instances that both believe to be the coordinator cannot both write. The message is acknowledged when the next one is
/// confirmed, and goes back by itself if its coordinator dies in between.
/// </summary>
sealed class SnapshotQueue<T>(IChannel channel, string queue, JsonTypeInfo<T> type, TimeProvider time, ILogger log) where T : class, ISnapshot
{
    /// <summary>How long after the death of a coordinator the broker may take to put back what that coordinator had taken out.</summary>
    static readonly TimeSpan EmptyFor = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    string? _written;

    /// <summary>
    /// Starts a coordinator's term. The existing snapshot is written again by <paramref name="renew"/>: otherwise it would some day exceed the
    /// delivery limit.
    /// </summary>
    public async Task BeginAsync(Func<T?, T> renew, CancellationToken cancellationToken)
    {
        var taken = new List<ulong>();
        T? newest = null;
        for (var began = time.GetTimestamp(); ;)
        {
            if (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken).ConfigureAwait(false) is { } message)
            {
                taken.Add(message.DeliveryTag);
                if (MessageFormat.Parse(message.Body, type, queue, log) is { } snapshot && (newest is null || snapshot.Revision > newest.Revision))
                    newest = snapshot;
            }
            else if (taken.Count > 0 || time.GetElapsedTime(began) >= EmptyFor)
            {
                break;
            }
            else
            {
                await Task.Delay(Step, time, cancellationToken).ConfigureAwait(false);
            }
        }

        await PublishAsync(renew(newest), cancellationToken).ConfigureAwait(false);
        foreach (var tag in taken)
            await channel.BasicAckAsync(tag, multiple: false, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="InvalidOperationException">Another coordinator has written since.</exception>
    public async Task ReplaceAsync(T snapshot, CancellationToken cancellationToken)
    {
        var taken = await channel.BasicGetAsync(queue, autoAck: false, cancellationToken).ConfigureAwait(false);
        if (taken is not { MessageCount: 0 } || taken.BasicProperties.MessageId != _written)
            throw new InvalidOperationException("another instance has become the coordinator");
        await PublishAsync(snapshot, cancellationToken).ConfigureAwait(false);
        await channel.BasicAckAsync(taken.DeliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
    }

    async Task PublishAsync(T snapshot, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            MessageId = Guid.NewGuid().ToString("N"),
            ContentType = "application/json",
            Persistent = true,
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(snapshot, type);
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, body, cancellationToken).ConfigureAwait(false);
        _written = properties.MessageId;
    }
}
