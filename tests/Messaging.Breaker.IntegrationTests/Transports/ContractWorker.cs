using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>The endpoint that a test of the contract needs.</summary>
/// <param name="Concurrency">How many messages are handled at once.</param>
/// <param name="DeliveryLimit">The number of deliveries after which the transport may drop a message, if it counts them.</param>
/// <param name="Breaker">The options of its breaker.</param>
public sealed record ContractEndpoint(int Concurrency = 16, int? DeliveryLimit = null, Action<BreakerOptions>? Breaker = null);

/// <summary>A worker with one guarded endpoint on any transport.</summary>
public sealed class ContractWorker : IAsyncDisposable
{
    readonly IHost _host;

    ContractWorker(IHost host, string queue) => (_host, Queue) = (host, queue);

    public string Queue { get; }

    public Dependency Dependency => _host.Services.GetRequiredService<Dependencies>().First;

    public IBreaker Breaker => _host.Services.GetRequiredService<IBreakerRegistry>()["first"];

    public EndpointState State => Assert.Single(_host.Services.GetRequiredService<IEndpointRegistry>().Endpoints).State;

    public IBusControl Bus => _host.Services.GetRequiredService<IBusControl>();

    /// <param name="queue">The endpoint's queue.</param>
    /// <param name="endpoint">The settings of the endpoint.</param>
    /// <param name="use">Puts the bus on the transport and the endpoint on the bus.</param>
    /// <param name="dependency">Sets up the dependency before the worker starts.</param>
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

    /// <summary>The part of the endpoint's configuration that is the same on every transport.</summary>
    public static void Configure(IReceiveEndpointConfigurator configurator, IBusRegistrationContext context, ContractEndpoint endpoint)
    {
        configurator.ConfigureConsumeTopology = false;
        configurator.PrefetchCount = 16;
        configurator.ConcurrentMessageLimit = endpoint.Concurrency;
        configurator.UseBreaker("first");
        configurator.ConfigureConsumer<Worker>(context);
    }

    /// <summary>Sends messages one after the other, so that they have an order.</summary>
    public async Task SendAsync(int from, int count)
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri($"exchange:{Queue}"));
        foreach (var number in Enumerable.Range(from, count))
            await endpoint.Send(new Work(number));
    }

    public Task UntilHandledAsync(int count) =>
        Eventually.Is(() => Dependency.Handled, handled => handled == count, $"{count} messages to be handled ({Breaker.State}, {State})");

    public Task UntilAsync(BreakerState state) => Eventually.Is(() => Breaker.State, found => found == state, $"the breaker to be {state}");

    /// <summary>Waits until that many rounds of probes have failed. Each of them reopens the breaker.</summary>
    public Task UntilReopenedAsync(int times) => Eventually.Is(
        () => Breaker.GetSnapshot().Generation, generation => generation > 2 * times, $"the breaker to reopen {times} times");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
