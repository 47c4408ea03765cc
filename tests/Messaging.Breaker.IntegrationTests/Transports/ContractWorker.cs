using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>How a test of the contract wants its endpoint.</summary>
/// <param name="Concurrency">Messages at once.</param>
/// <param name="DeliveryLimit">After so many deliveries the transport may drop a message, if it counts them.</param>
/// <param name="Breaker">The options of its breaker.</param>
public sealed record ContractEndpoint(int Concurrency = 16, int? DeliveryLimit = null, Action<BreakerOptions>? Breaker = null);

/// <summary>A worker with one guarded endpoint, on whichever transport.</summary>
public sealed class ContractWorker : IAsyncDisposable
{
    readonly IHost _host;

    ContractWorker(IHost host, string queue) => (_host, Queue) = (host, queue);

    public string Queue { get; }

    public Dependency Dependency => _host.Services.GetRequiredService<Dependencies>().First;

    public IBreaker Breaker => _host.Services.GetRequiredService<IBreakerRegistry>()["first"];

    public EndpointState State => Assert.Single(_host.Services.GetRequiredService<IEndpointRegistry>().Endpoints).State;

    public IBusControl Bus => _host.Services.GetRequiredService<IBusControl>();

    /// <param name="queue">Its queue.</param>
    /// <param name="endpoint">How it is wanted.</param>
    /// <param name="use">Puts the bus on the transport, and the endpoint on the bus.</param>
    /// <param name="dependency">What the dependency is like when it starts.</param>
    public static async Task<ContractWorker> StartAsync(
        string queue, ContractEndpoint endpoint, Action<IBusRegistrationConfigurator> use, Action<Dependency>? dependency = null)
    {
        var dependencies = new Dependencies();
        dependency?.Invoke(dependencies.First);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(dependencies);
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("first", options =>
        {
            options.BreakDuration = options.MaxBreakDuration = TimeSpan.FromMilliseconds(300);
            options.RetestDelay = TimeSpan.FromMilliseconds(20);
            endpoint.Breaker?.Invoke(options);
        }));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<Worker>();
            use(bus);
        });
        var worker = new ContractWorker(builder.Build(), queue);
        await worker._host.StartAsync();
        return worker;
    }

    /// <summary>What every transport does to the endpoint.</summary>
    public static void Configure(IReceiveEndpointConfigurator configurator, IBusRegistrationContext context, ContractEndpoint endpoint)
    {
        configurator.ConfigureConsumeTopology = false;
        configurator.PrefetchCount = 16;
        configurator.ConcurrentMessageLimit = endpoint.Concurrency;
        configurator.UseBreaker("first");
        configurator.ConfigureConsumer<Worker>(context);
    }

    /// <summary>One after the other, so that they have an order.</summary>
    public async Task SendAsync(int from, int count)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"exchange:{Queue}"));
        foreach (var number in Enumerable.Range(from, count))
            await endpoint.Send(new Work(number));
    }

    public Task UntilHandledAsync(int count) =>
        Eventually.Is(() => Dependency.Handled, handled => handled == count, $"{count} messages to be handled ({Breaker.State}, {State})");

    public Task UntilAsync(BreakerState state) => Eventually.Is(() => Breaker.State, found => found == state, $"the breaker to be {state}");

    /// <summary>Each round of probes that fails opens it anew.</summary>
    public Task UntilReopenedAsync(int times) => Eventually.Is(
        () => Breaker.GetSnapshot().Generation, generation => generation > 2 * times, $"the breaker to reopen {times} times");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
