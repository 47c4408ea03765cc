using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>Asks the broker itself what waits, so that the page is compared with nothing of the library's own.</summary>
sealed class BrokerQueues(RabbitMqNode node, IReadOnlyList<string> names) : BackgroundService, IQueueMonitor
{
    static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    volatile IReadOnlyList<QueueSnapshot> _queues = [];

    public IReadOnlyList<QueueSnapshot> Queues => _queues;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var connection = await new ConnectionFactory { Uri = node.AmqpAddress }.CreateConnectionAsync(stoppingToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
        using var ticks = new PeriodicTimer(Period);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            var queues = new List<QueueSnapshot>();
            foreach (var name in names)
            {
                var queue = await channel.QueueDeclarePassiveAsync(name, stoppingToken);
                queues.Add(new QueueSnapshot(name, [], DateTimeOffset.UtcNow, queue.MessageCount, null, queue.ConsumerCount, null, null, null, null, []));
            }

            _queues = queues;
        }
    }
}
