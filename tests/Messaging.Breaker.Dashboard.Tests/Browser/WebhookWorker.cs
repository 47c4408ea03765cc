using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>A worker on a real broker with its dashboard. It calls the webhooks of forty customers, each of which can go down.</summary>
sealed class WebhookWorker : IAsyncDisposable
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    readonly WorkerWithPage _worker;
    readonly string _queue;
    readonly ConcurrentDictionary<string, string> _down;
    readonly CancellationTokenSource _closing = new();
    readonly Task _sending;

    WebhookWorker(WorkerWithPage worker, string queue, ConcurrentDictionary<string, string> down)
    {
        (_worker, _queue, _down) = (worker, queue, down);
        _sending = SendAsync(_closing.Token);
    }

    public static IReadOnlyList<string> Customers { get; } =
        ["acme", "globex", "initech", "umbrella", "wayne/eu", .. Enumerable.Range(1001, 35).Select(number => $"customer-{number}")];

    public Uri Page => _worker.Page;

    public IBreakerKeys Keys => _worker.Breakers["webhooks"].Keys!;

    public static async Task<WebhookWorker> StartAsync(RabbitMqNode node, string queue)
    {
        var down = new ConcurrentDictionary<string, string>();
        var worker = await WorkerWithPage.StartAsync(
            "webhooks-worker",
            node,
            address: null,
            services => services.AddMessagingBreaker(breakers => breakers
                .Add("webhooks", options =>
                {
                    options.PartitionBy<Deliver>(message => message.Customer);
                    (options.BreakDuration, options.MaxBreakDuration) = (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(6));
                })
                .WatchQueues(options =>
                {
                    options.SamplingInterval = TimeSpan.FromMilliseconds(250);
                    options.Rules.Keys.For = TimeSpan.FromSeconds(2);
                })),
            (_, rabbit) => rabbit.ReceiveEndpoint(queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.UseBreaker("webhooks");
                endpoint.Handler<Deliver>(message => down.TryGetValue(message.Message.Customer, out var why) ? throw new HttpRequestException(why) : Task.CompletedTask);
            }));
        return new WebhookWorker(worker, queue, down);
    }

    public void TakeDown(string customer, string why) => _down[customer] = why;

    public void BringBack(string customer) => Assert.True(_down.TryRemove(customer, out _));

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _worker.DisposeAsync();
        _closing.Dispose();
    }

    async Task SendAsync(CancellationToken cancellationToken)
    {
        var exchange = await _worker.GetSendEndpointAsync(_queue);
        using var ticks = new PeriodicTimer(Tick);
        while (await ticks.WaitForNextTickAsync(cancellationToken))
            await exchange.SendBatch(Customers.Select(customer => new Deliver(customer)), cancellationToken);
    }

    public sealed record Deliver(string Customer);
}
