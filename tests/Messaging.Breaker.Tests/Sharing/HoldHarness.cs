using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Sharing;

/// <summary>Instances of a fleet that each have an endpoint "work" of their own, in memory.</summary>
sealed class HoldHarness : IAsyncDisposable
{
    public const string Queue = "Work";
    public const string State = "hold:work";

    readonly List<Holder> _holders = [];

    public FleetHarness Fleet { get; } = new();

    public static async Task<(HoldHarness Holds, Holder One, Holder Two, Holder Three)> OfThreeAsync()
    {
        var holds = new HoldHarness();
        return (holds, await holds.StartAsync("one"), await holds.StartAsync("two"), await holds.StartAsync("three"));
    }

    public async Task<Holder> StartAsync(
        string name, Action<SharingOptions>? configure = null, bool isToWait = true, Action<BusBreakerOptions>? options = null, Action<IServiceCollection>? more = null)
    {
        var holder = new Holder();
        holder.Instance = await Fleet.StartAsync(name, configure, isToWait: isToWait, services: services =>
        {
            more?.Invoke(services);
            services.AddMassTransit(bus =>
            {
                bus.DisableUsageTelemetry();
                bus.UsingInMemory((context, memory) =>
                {
                    memory.UseMessagingBreaker(context, options);
                    memory.ReceiveEndpoint(Queue, endpoint => holder.Configure(endpoint));
                });
            });
        });
        _holders.Add(holder);
        return holder;
    }

    public Task UntilAsync(Func<bool> condition, string awaited) => Fleet.UntilAsync(condition, awaited);

    public Task UntilAllAsync(bool held) => Fleet.UntilAsync(
        () => _holders.All(holder => holder.Instance.HasEnded || holder.IsHeld == held), held ? "all to be held" : "all to be resumed");

    public ValueTask DisposeAsync() => Fleet.DisposeAsync();
}

/// <summary>One instance of such a fleet.</summary>
sealed class Holder
{
    int _handled;

    public Instance Instance { get; set; } = null!;

    public int Handled => Volatile.Read(ref _handled);

    public IEndpointRegistry Endpoints => Instance.Services.GetRequiredService<IEndpointRegistry>();

    public IBusControl Bus => Instance.Services.GetRequiredService<IBusControl>();

    public EndpointHold? Hold => HoldOf(HoldHarness.Queue);

    public bool IsHeld => Hold is not null;

    public EndpointHold? HoldOf(string queue) => Endpoints.Endpoints.FirstOrDefault(endpoint => endpoint.Name == queue)?.Hold;

    public void Configure(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.UseBreaker("payments");
        endpoint.Handler<Consuming.Work>(_ =>
        {
            Interlocked.Increment(ref _handled);
            return Task.CompletedTask;
        });
    }

    public async Task SendAsync(string queue = HoldHarness.Queue)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        await endpoint.Send(new Consuming.Work(1));
    }
}
