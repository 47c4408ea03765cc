using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>A worker on a real broker with its dashboard. Orders arrive steadily, and payments can go down.</summary>
sealed class Shop : IAsyncDisposable
{
    const int OrdersPerTick = 4;
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    readonly WorkerWithPage _worker;
    readonly CancellationTokenSource _closing = new();
    readonly Task _orders;

    Shop(WorkerWithPage worker, string queue)
    {
        (_worker, Queue) = (worker, queue);
        _orders = Task.WhenAll(PlaceOrdersAsync(_closing.Token), WatchAsync(_closing.Token));
    }

    public string Queue { get; }

    public Uri Page => _worker.Page;

    public IBreaker Payments => _worker.Breakers["payments"];

    /// <summary>When the breaker first opened.</summary>
    public DateTimeOffset? TrippedAt { get; private set; }

    public bool PaymentsAreDown
    {
        set => _worker.Services.GetRequiredService<Dependency>().IsDown = value;
    }

    /// <summary>While set, calls neither fail nor succeed.</summary>
    public bool PaymentsHang
    {
        set => _worker.Services.GetRequiredService<Dependency>().IsHanging = value;
    }

    /// <param name="address">Where the page is served; a free port on loopback if null.</param>
    public static async Task<Shop> OpenAsync(RabbitMqNode node, string queue, TimeSpan breakDuration, Uri? address = null, Action<MessagingBreakerBuilder>? share = null)
    {
        var worker = await WorkerWithPage.StartAsync(
            "orders-worker",
            node,
            address,
            services =>
            {
                services.AddSingleton<Dependency>();
                services.AddMessagingBreaker(breakers => breakers
                    .Add("payments", options => (options.BreakDuration, options.MaxBreakDuration) = (breakDuration, breakDuration))
                    .Add("email")
                    .WatchQueues(options =>
                    {
                        (options.SamplingInterval, options.Smoothing) = (TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));
                        (options.Rules.Depth.Raise, options.Rules.Depth.For) = (500, TimeSpan.FromSeconds(5));
                    }));
                services.AddMessagingBreaker(share);
            },
            (context, rabbit) =>
            {
                rabbit.ReceiveEndpoint(queue, endpoint =>
                {
                    endpoint.UseBreaker("payments");
                    endpoint.Handler<Order>(async order =>
                    {
                        await context.GetRequiredService<Dependency>().CallAsync();
                        await order.Send(new Uri($"exchange:{queue}-receipts"), new Receipt(order.Message.Number));
                    });
                });
                rabbit.ReceiveEndpoint($"{queue}-receipts", endpoint =>
                {
                    endpoint.UseBreaker("email");
                    endpoint.Handler<Receipt>(_ => Task.CompletedTask);
                });
            });
        return new Shop(worker, queue);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _orders.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _worker.DisposeAsync();
        _closing.Dispose();
    }

    async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var transition in _worker.Breakers.WatchAsync(cancellationToken))
            TrippedAt ??= transition.At;
    }

    async Task PlaceOrdersAsync(CancellationToken cancellationToken)
    {
        var exchange = await _worker.GetSendEndpointAsync(Queue);
        using var ticks = new PeriodicTimer(Tick);
        await exchange.SendBatch(Enumerable.Range(-Screenshots.Backlog, Screenshots.Backlog).Select(each => new Order(each)), cancellationToken);
        for (var number = 0; await ticks.WaitForNextTickAsync(cancellationToken); number += OrdersPerTick)
            await exchange.SendBatch(Enumerable.Range(number, OrdersPerTick).Select(each => new Order(each)), cancellationToken);
    }

    public sealed record Order(int Number);

    public sealed record Receipt(int Number);

    sealed class Dependency
    {
        volatile bool _isDown;
        volatile TaskCompletionSource? _hang;

        public bool IsDown
        {
            set => _isDown = value;
        }

        public bool IsHanging
        {
            set
            {
                var before = Interlocked.Exchange(ref _hang, value ? new TaskCompletionSource() : null);
                before?.TrySetResult();
            }
        }

        public async Task CallAsync()
        {
            if (_hang is { } hang)
                await hang.Task;
            if (_isDown)
                throw new IOException("The payments service is down.");
            await Task.Delay(5);
        }
    }
}
