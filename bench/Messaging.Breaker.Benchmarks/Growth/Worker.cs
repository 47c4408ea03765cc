using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Benchmarks.Growth;

public sealed record Job(int Number);

/// <summary>A worker process in small: a bus with one endpoint or many, guarded or not.</summary>
sealed class Worker : IAsyncDisposable
{
    readonly ServiceProvider _services;
    int _handled;
    int _underWay;

    Worker(ServiceProvider services) => _services = services;

    public int Handled => Volatile.Read(ref _handled);

    public int UnderWay => Volatile.Read(ref _underWay);

    public IBreaker Breaker => _services.GetRequiredService<IBreakerRegistry>()["payments"];

    public IEndpointRegistry Endpoints => _services.GetRequiredService<IEndpointRegistry>();

    /// <summary>What each message waits for; nothing if zero.</summary>
    public TimeSpan Work { get; init; }

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

    public async Task UntilHandledAsync(int count)
    {
        while (Handled < count)
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
            if (worker.Work > TimeSpan.Zero)
                return WorkAsync();
            Interlocked.Increment(ref worker._handled);
            return Task.CompletedTask;
        }

        async Task WorkAsync()
        {
            Interlocked.Increment(ref worker._underWay);
            await Task.Delay(worker.Work);
            Interlocked.Decrement(ref worker._underWay);
            Interlocked.Increment(ref worker._handled);
        }
    }
}
