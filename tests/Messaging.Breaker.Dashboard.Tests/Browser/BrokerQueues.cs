using System.Diagnostics;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>
/// Asks the broker itself what waits, so that the page is compared with nothing of the library's own. The forecast is a plain one: the
/// fastest second seen so far, less what comes in.
/// </summary>
sealed class BrokerQueues(RabbitMqNode node, IReadOnlyList<string> names, double arrivalRate, Func<long> countHandled) : BackgroundService, IQueueMonitor
{
    static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    volatile IReadOnlyList<QueueSnapshot> _queues = [];

    public IReadOnlyList<QueueSnapshot> Queues => _queues;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var connection = await new ConnectionFactory { Uri = node.AmqpAddress }.CreateConnectionAsync(stoppingToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
        using var ticks = new PeriodicTimer(Period);
        var clock = Stopwatch.StartNew();
        var (handled, fastest) = (countHandled(), 0.0);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            if (clock.Elapsed.TotalSeconds >= 1)
            {
                var now = countHandled();
                fastest = Math.Max(fastest, (now - handled) / clock.Elapsed.TotalSeconds);
                handled = now;
                clock.Restart();
            }

            var queues = new List<QueueSnapshot>();
            foreach (var name in names)
                queues.Add(ToSnapshot(await channel.QueueDeclarePassiveAsync(name, stoppingToken), fastest));
            _queues = queues;
        }
    }

    QueueSnapshot ToSnapshot(QueueDeclareOk queue, double fastest) => new(
        queue.QueueName,
        [],
        DateTimeOffset.UtcNow,
        queue.MessageCount,
        null,
        queue.ConsumerCount,
        arrivalRate,
        fastest > 0 ? fastest : null,
        fastest > arrivalRate ? TimeSpan.FromSeconds(queue.MessageCount / (fastest - arrivalRate)) : null,
        null,
        []);
}
