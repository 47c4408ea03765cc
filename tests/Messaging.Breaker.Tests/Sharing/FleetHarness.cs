using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Messaging.Breaker.IntegrationTests.Sharing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Sharing;

/// <summary>Instances of a fleet in one process, on one fake clock and one store in memory.</summary>
sealed class FleetHarness : IAsyncDisposable
{
    readonly List<Instance> _instances = [];

    public FleetHarness() => Store = new InMemoryFleet(Clock);

    public FakeTimeProvider Clock { get; } = new();

    public InMemoryFleet Store { get; }

    public static async Task<(FleetHarness Fleet, Instance One, Instance Two, Instance Three)> OfThreeAsync(Action<SharingOptions>? configure = null)
    {
        var fleet = new FleetHarness();
        return (fleet, await fleet.StartAsync("one", configure), await fleet.StartAsync("two", configure), await fleet.StartAsync("three", configure));
    }

    public async Task<Instance> StartAsync(
        string name,
        Action<SharingOptions>? configure = null,
        Action<BreakerOptions>? breaker = null,
        bool isToWait = true,
        ILoggerProvider? log = null,
        Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var recorder = new LogRecorder();
        builder.Logging.AddProvider(recorder);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments", breaker).Share<SharingOptions>(
            (_, _) => Store.Connect(),
            options =>
            {
                options.InstanceName = name;
                configure?.Invoke(options);
            }));
        services?.Invoke(builder.Services);
        var instance = new Instance(builder.Build(), recorder);
        _instances.Add(instance);
        var started = instance.StartAsync();
        if (!isToWait)
            return instance;
        await started;
        // The store hears of an instance a moment after it has started. A fault that a test causes next must not come before that.
        await Eventually.Is(() => Store.HasHeardOf(name), $"{name} to be in the fleet");
        return instance;
    }

    public int Probing => _instances.Count(instance => !instance.HasEnded && instance.Breaker.State == BreakerState.HalfOpen);

    public IEnumerable<Instance> Others(Instance one) => _instances.Where(instance => instance != one && !instance.HasEnded);

    /// <summary>Lets time pass in small steps, because the loops need to see it pass.</summary>
    public async Task PassAsync(double seconds)
    {
        for (var passed = 0.0; passed < seconds; passed += 0.25)
        {
            Clock.Advance(TimeSpan.FromSeconds(0.25));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets time pass until a condition holds.</summary>
    public Task UntilAsync(Func<bool> condition, string awaited) => Eventually.Is(
        () =>
        {
            if (condition())
                return true;
            Clock.Advance(TimeSpan.FromMilliseconds(200));
            return false;
        },
        awaited);

    public Task UntilAllAsync(BreakerState state) => UntilAsync(
        () => _instances.All(instance => instance.HasEnded || instance.Breaker.State == state), $"all breakers to be {state}");

    /// <summary>Lets time pass until one instance probes, and returns it; the others stay paused.</summary>
    public async Task<Instance> UntilOneProbesAsync()
    {
        await UntilAsync(() => _instances.Any(instance => !instance.HasEnded && instance.Breaker.State == BreakerState.HalfOpen), "an instance to probe");
        return Assert.Single(_instances, instance => !instance.HasEnded && instance.Breaker.State == BreakerState.HalfOpen);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
            await instance.CrashAsync();
    }
}

/// <summary>One host with a breaker "payments", its log and its transitions.</summary>
sealed class Instance
{
    readonly IHost _host;

    public Instance(IHost host, LogRecorder log)
    {
        (_host, Log) = (host, log);
        Registry.Listen(Transitions.Add);
    }

    public bool HasEnded { get; private set; }

    public bool HasStarted { get; private set; }

    public LogRecorder Log { get; }

    public List<Transition> Transitions { get; } = [];

    public IServiceProvider Services => _host.Services;

    public BreakerRegistry Registry => _host.Services.GetRequiredService<BreakerRegistry>();

    public CircuitBreaker Breaker => Registry.Get("payments");

    public string Reason => Breaker.GetSnapshot().Reason;

    public void Fail(int times = 10) => Record(Outcome.Failure, times);

    public void Succeed(int times = 10) => Record(Outcome.Success, times);

    public async Task StartAsync()
    {
        await _host.StartAsync(TestContext.Current.CancellationToken);
        HasStarted = true;
    }

    /// <summary>To the fleet, a stop is like a crash: the instance does not say goodbye.</summary>
    public async Task CrashAsync()
    {
        if (HasEnded)
            return;
        HasEnded = true;
        await _host.StopAsync(TestContext.Current.CancellationToken);
        _host.Dispose();
    }

    void Record(Outcome outcome, int times)
    {
        for (var call = 0; call < times; call++)
            if (Breaker.TryAcquire() is { IsGranted: true } permit)
                Breaker.Record(permit, outcome, Breaker.Now, 0, Breaker.Now);
    }
}
