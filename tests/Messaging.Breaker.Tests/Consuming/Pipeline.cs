using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Consuming;

public sealed record Work(int Number);

/// <summary>A guarded endpoint on the in-memory transport and a fake clock, with everything that leaves it.</summary>
sealed class Pipeline : IAsyncDisposable
{
    public const string Queue = "work";
    public const int Concurrency = 16;

    readonly ServiceProvider _services;
    readonly ConcurrentQueue<int> _calls = new();
    readonly ConcurrentDictionary<int, int> _handled = new();
    int _faults;
    int _underWay;

    Pipeline(ServiceProvider services, Func<Work, CancellationToken, Task> dependency) => (_services, Dependency) = (services, dependency);

    /// <summary>What the handler calls.</summary>
    public Func<Work, CancellationToken, Task> Dependency { get; set; }

    public FakeTimeProvider Clock { get; } = new();

    public IBreaker Breaker => Breakers["first"];

    public IBreakerRegistry Breakers => _services.GetRequiredService<IBreakerRegistry>();

    public IEndpointRegistry Endpoints => _services.GetRequiredService<IEndpointRegistry>();

    public IServiceProvider Services => _services;

    public IBusControl Bus => _services.GetRequiredService<IBusControl>();

    public IReadOnlyList<int> Calls => [.. _calls];

    public int Handled => _handled.Count;

    public ConcurrentQueue<int> DeadLettered { get; } = new();

    public int Faults => Volatile.Read(ref _faults);

    public int UnderWay => Volatile.Read(ref _underWay);

    public static Task Works(Work work, CancellationToken cancellationToken) => Task.CompletedTask;

    public static Task Fails(Work work, CancellationToken cancellationToken) => throw new IOException("The dependency is down.");

    public static async Task<Pipeline> StartAsync(
        Func<Work, CancellationToken, Task> dependency,
        Action<BreakerOptions>? options = null,
        Action<IReceiveEndpointConfigurator>? endpoint = null,
        Action<IServiceCollection>? services = null,
        Action<Pipeline, IBusRegistrationContext, IReceiveEndpointConfigurator>? consume = null,
        Action<IBusRegistrationConfigurator, Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator>>? transport = null,
        Action<IReceiveEndpointConfigurator>? guard = null)
    {
        Pipeline? pipeline = null;
        var collection = new ServiceCollection();
        collection.AddSingleton<TimeProvider>(_ => pipeline!.Clock);
        collection.AddMessagingBreaker(breakers => breakers.Add("first", options).Add("second", options));
        services?.Invoke(collection);
        collection.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            var use = transport ?? ((registration, configure) => registration.UsingInMemory(configure));
            use(bus, (context, memory) =>
            {
                memory.UseDelayedMessageScheduler();
                memory.UseMessagingBreaker(context, bus => bus.AllowHolding = transport is not null);
                memory.ReceiveEndpoint(Queue, work =>
                {
                    work.PrefetchCount = Concurrency;
                    work.ConcurrentMessageLimit = Concurrency;
                    (guard ?? (guarded => guarded.UseBreaker("first")))(work);
                    endpoint?.Invoke(work);
                    if (consume is not null)
                        consume(pipeline!, context, work);
                    else
                        work.Handler<Work>(message => pipeline!.HandleAsync(message.Message, message.CancellationToken));
                });
                memory.ReceiveEndpoint("faults", faults => faults.Handler<Fault<Work>>(_ =>
                {
                    Interlocked.Increment(ref pipeline!._faults);
                    return Task.CompletedTask;
                }));
                memory.ReceiveEndpoint(Queue + "_error", errors =>
                {
                    errors.ConfigureConsumeTopology = false;
                    errors.Handler<Work>(message =>
                    {
                        pipeline!.DeadLettered.Enqueue(message.Message.Number);
                        return Task.CompletedTask;
                    });
                });
            });
        });
        pipeline = new Pipeline(collection.BuildServiceProvider(), dependency);
        await pipeline.Bus.StartAsync();
        return pipeline;
    }

    public async Task SendAsync(int from, int count)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{Queue}"));
        foreach (var number in Enumerable.Range(from, count))
            await endpoint.Send(new Work(number));
    }

    /// <summary>Handles a message. A test's own consumer should call this, too.</summary>
    public async Task HandleAsync(Work work, CancellationToken cancellationToken)
    {
        _calls.Enqueue(work.Number);
        Interlocked.Increment(ref _underWay);
        try
        {
            await Dependency(work, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }

        _handled.AddOrUpdate(work.Number, 1, (_, times) => times + 1);
    }

    public Task UntilAsync(BreakerState state) => Eventually.Is(() => Breaker.State, now => now == state, $"the breaker to be {state}");

    public Task UntilHandledAsync(int count) => Eventually.Is(() => Handled, handled => handled == count, $"{count} messages to be handled");

    public Task UntilCalledAsync(int count) => Eventually.Is(() => _calls.Count, calls => calls == count, $"{count} calls");

    /// <summary>Lets time pass in small steps, as on a real clock, until the condition holds.</summary>
    public Task PassTimeUntilAsync(Func<bool> condition, string awaited, TimeSpan? step = null) => Eventually.Is(
        () =>
        {
            if (condition())
                return true;
            Clock.Advance(step ?? TimeSpan.FromMilliseconds(250));
            return false;
        },
        awaited);

    public void AssertNothingDeadLettered()
    {
        Assert.Empty(DeadLettered);
        Assert.Equal(0, Faults);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.StopAsync();
        await _services.DisposeAsync();
    }
}
