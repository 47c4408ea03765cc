using System.Text.Json;
using OutageDrill.Runs;
using OutageDrill.Scenarios;
using OutageDrill.Workers;
using RabbitMQ.Client;

namespace OutageDrill.Broker;

/// <summary>Publishes at a steady rate and waits until the broker has confirmed each message.</summary>
sealed class Publisher(IConnection connection, string queue)
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(2);

    static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    /// <summary>Publishes orders with negative numbers, all at once. A worker that has handled them has compiled its code.</summary>
    public async Task WarmUpAsync(int messages, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(Confirming, cancellationToken);
        await Task.WhenAll(Enumerable.Range(1, messages).Select(number => PublishAsync(channel, -number, cancellationToken)));
    }

    public async Task PublishAsync(Scenario scenario, DrillClock clock, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(Confirming, cancellationToken);
        var confirms = new List<Task>(scenario.Messages);
        while (confirms.Count < scenario.Messages)
        {
            var due = Math.Min(scenario.Messages, (int)(clock.Now * scenario.Rate));
            while (confirms.Count < due)
                confirms.Add(PublishAsync(channel, confirms.Count, cancellationToken));
            await Task.Delay(Step, cancellationToken);
        }

        await Task.WhenAll(confirms);
    }

    async Task PublishAsync(IChannel channel, int order, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            MessageId = Guid.NewGuid().ToString(),
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(new Charge(order), Web);
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, body, cancellationToken);
    }
}
