using System.Diagnostics;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.RabbitMq.Partitions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.IntegrationTests.Partitions;

/// <summary>Workers whose breaker "first" is split by customer, and their messages.</summary>
static class KeyWorker
{
    public static string[] Others { get; } = ["globex", "initech", "umbrella", "stark", "wayne"];

    public static Task<TestWorker> StartAsync(
        RabbitMqNode node,
        Customers customers,
        bool quorum = false,
        TimeSpan? breakDuration = null,
        string? queue = null,
        Action<BreakerOptions>? configure = null,
        Action<IRabbitMqHostConfigurator>? host = null,
        ILoggerProvider? log = null,
        Action<IServiceCollection>? services = null,
        Uri? address = null) => TestWorker.StartAsync(
        node,
        breakDuration: breakDuration,
        configure: options =>
        {
            options.PartitionBy<Deliver>(message => message.Customer);
            configure?.Invoke(options);
        },
        services: collection =>
        {
            collection.AddSingleton(customers);
            if (log is not null)
                collection.AddSingleton(log);
            services?.Invoke(collection);
        },
        endpoints: (worker, _, rabbit) =>
        {
            if (host is not null)
                rabbit.Host(node.AmqpAddress, host);
            rabbit.ReceiveEndpoint(worker.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                if (quorum)
                    endpoint.SetQuorumQueue();
                endpoint.UseBreaker("first");
                endpoint.Consumer(() => new DeliverConsumer(customers));
            });
        },
        queue: queue,
        address: address);

    /// <summary>Until then, messages that should be moved keep their places.</summary>
    public static async Task UntilCopiesAreTrustedAsync()
    {
        var began = Stopwatch.GetTimestamp();
        await Eventually.Is(() => Stopwatch.GetElapsedTime(began), elapsed => elapsed > KeyQueues.Settling, "the queue of the copies to be trusted");
    }

    public static async Task SendAsync(TestWorker worker, string customer, int from, int count, TimeSpan? timeToLive = null)
    {
        var endpoint = await worker.Bus.GetSendEndpoint(new Uri($"exchange:{worker.Queue}"));
        foreach (var number in Enumerable.Range(from, count))
            await endpoint.Send(new Deliver(customer, number), context => context.TimeToLive = timeToLive);
    }

    public static async Task SendToOthersAsync(TestWorker worker, int from, int count)
    {
        foreach (var other in Others)
            await SendAsync(worker, other, from, count);
    }

    public static async Task UntilDeliveredAsync(Customers customers, int count) =>
        await Eventually.Is(() => customers.Delivered, delivered => delivered == count, $"{count} messages to be delivered", TimeSpan.FromSeconds(60));

    /// <summary>On a timeout, reports what is known of the undelivered messages.</summary>
    public static async Task UntilDeliveredAsync(TestWorker worker, Customers customers, int count)
    {
        try
        {
            await UntilDeliveredAsync(customers, count);
        }
        catch (TimeoutException exception)
        {
            var parked = await Task.WhenAll(Others.Append("acme").Select(async key => $"{key}: {await worker.GetParkedAsync(key)}, {customers.Of(key).Count} delivered"));
            throw new TimeoutException(
                $"{exception.Message}; the queue: {await worker.GetFiguresAsync()}; {worker.Breaker.GetSnapshot()}; "
                + $"{string.Join("; ", worker.Breaker.Keys!.NotClosed)}; {string.Join("; ", parked)}; {string.Join("; ", worker.Endpoints.Endpoints)}",
                exception);
        }
    }

    public static Task UntilParkedAsync(TestWorker worker, string customer) => Eventually.Is(
        () => worker.Breaker.Keys!.NotClosed, keys => keys is [var key] && key.Key == customer && key is { HasQueue: true, State: not BreakerState.Closed }, $"{customer} to be parked");

    public static Task UntilNothingIsParkedAsync(TestWorker worker) =>
        Eventually.Is(() => string.Join("; ", worker.Breaker.Keys!.NotClosed), keys => keys.Length == 0, "the queues of keys to be deleted");
}
