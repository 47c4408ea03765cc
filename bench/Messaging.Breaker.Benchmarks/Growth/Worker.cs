using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Benchmarks.Growth;

public sealed record Job(int Number);

/// <summary>A small worker process: a bus with one endpoint or many, guarded or not.</summary>
sealed class Worker : IAsyncDisposable
{
    readonly ServiceProvider _services;
    int _failed;
    int _handled;
    long _lastEnd;
    int _underWay;

    Worker(ServiceProvider services) => _services = services;

    public int Handled => Volatile.Read(ref _handled);

    public int Failed => Volatile.Read(ref _failed);

    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>The timestamp when the last handler ended, where handlers take time.</summary>
    public long LastEnd => Volatile.Read(ref _lastEnd);

    public IBreaker Breaker => _services.GetRequiredService<IBreakerRegistry>()["payments"];

    public IEndpointRegistry Endpoints => _services.GetRequiredService<IEndpointRegistry>();

    /// <summary>How long each message takes; nothing if zero.</summary>
    public TimeSpan Work { get; init; }

    /// <summary>Whether handlers fail at once.</summary>
    public bool IsFailing { get; set; }

    public static Worker Create(Broker broker, IReadOnlyList<string> queues, bool guarded, int prefetch, TimeSpan work = default)
    {
        Worker? worker = null;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMessagingBreaker(breakers => breakers.Add("payments"));
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker.Address);
                rabbit.PrefetchCount = prefetch;
                if (guarded)
                    rabbit.UseMessagingBreaker(context);
                foreach (var queue in queues)
                    rabbit.ReceiveEndpoint(queue, endpoint =>
                    {
                        endpoint.ConfigureConsumeTopology = false;
                        if (guarded)
                            endpoint.UseBreaker("payments");
                        endpoint.Consumer(() => new Consumer(worker!));
                    });
            });
        });
        worker = new Worker(services.BuildServiceProvider()) { Work = work };
        _ = worker.Bus;
        return worker;
    }

    IBusControl Bus => _services.GetRequiredService<IBusControl>();

    public Task StartAsync() => Bus.StartAsync();

    public Task StopAsync() => Bus.StopAsync();

    public Task UntilHandledAsync(int count) => UntilAsync(() => Handled >= count);

    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(1);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.StopAsync();
        await _services.DisposeAsync();
    }

    sealed class Consumer(Worker worker) : IConsumer<Job>
    {
        public Task Consume(ConsumeContext<Job> context)
        {
            if (worker.IsFailing)
            {
                Interlocked.Increment(ref worker._failed);
                throw new IOException("The dependency is down.");
            }

            if (worker.Work > TimeSpan.Zero)
                return WorkAsync();
            Interlocked.Increment(ref worker._handled);
            return Task.CompletedTask;
        }

        async Task WorkAsync()
        {
            Interlocked.Increment(ref worker._underWay);
            await Task.Delay(worker.Work);
            Volatile.Write(ref worker._lastEnd, Stopwatch.GetTimestamp());
            Interlocked.Decrement(ref worker._underWay);
            Interlocked.Increment(ref worker._handled);
        }
    }
}
