using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>
/// Messages that a bus has delivered and that stay in flight until disposal. Their real contexts can be sent through pipes of our own.
/// </summary>
sealed class Deliveries : IDisposable
{
    readonly ServiceProvider _services;
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly BlockingCollection<ConsumeContext<Ping>> _contexts = [];

    public Deliveries(int count)
    {
        var services = new ServiceCollection();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((_, memory) => memory.ReceiveEndpoint("pings", endpoint =>
            {
                endpoint.PrefetchCount = count;
                endpoint.ConcurrentMessageLimit = count;
                endpoint.Handler<Ping>(context =>
                {
                    _contexts.Add(context);
                    return _done.Task;
                });
            }));
        });
        _services = services.BuildServiceProvider();
        Bus.Start();
        for (var number = 0; number < count; number++)
            Bus.Publish(new Ping(number)).GetAwaiter().GetResult();
        Contexts = [.. Enumerable.Range(0, count).Select(_ => _contexts.Take())];
    }

    public ConsumeContext<Ping>[] Contexts { get; }

    IBusControl Bus => _services.GetRequiredService<IBusControl>();

    public void Dispose()
    {
        _done.SetResult();
        Bus.Stop();
        _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _contexts.Dispose();
    }
}
