using MassTransit;
using MassTransit.Transports;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>A host with a bus on RabbitMQ and one in memory. One breaker guards an endpoint on each.</summary>
public sealed class MultiBusTests(BrokerFixture broker) : IAsyncLifetime
{
    const int InMemory = 1000;

    readonly string _queue = $"test-{Guid.NewGuid():N}";
    readonly Dependencies _dependencies = new();
    Microsoft.Extensions.Hosting.IHost? _host;
    int _deadLettered;

    Dependency Dependency => _dependencies.First;

    IBreaker Breaker => Services.GetRequiredService<IBreakerRegistry>()["first"];

    IServiceProvider Services => _host!.Services;

    string Other => _queue + "-in-memory";

    [Fact]
    public async Task A_breaker_pauses_the_endpoints_of_both_buses_each_in_its_way()
    {
        Breaker.Isolate("test");
        await SendAsync(30);
        await Eventually.Is(
            () => broker.Node.GetQueueAsync(_queue), queue => queue is { Ready: 30, Unacknowledged: 0, Consumers: 0 }, "RabbitMQ to hold every message");
        await UntilAsync(_queue, EndpointState.Paused);
        await UntilAsync(Other, EndpointState.Paused);
        Assert.Equal(0, Dependency.Handled);

        Breaker.Reset("test");
        await Eventually.Is(() => Dependency.Handled, handled => handled == 60, "the messages of both buses to be handled");
        await UntilAsync(_queue, EndpointState.Running);
        await UntilAsync(Other, EndpointState.Running);
        Assert.Equal(0, Dependency.Duplicates);
        await AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task An_outage_that_affects_both_buses_loses_and_dead_letters_nothing_on_either()
    {
        Dependency.IsDown = true;
        await SendAsync(100);
        await Eventually.Is(() => Breaker.GetSnapshot().Generation, generation => generation > 4, "the breaker to reopen twice");
        Dependency.IsDown = false;
        await Eventually.Is(() => Dependency.Handled, handled => handled == 200, "the messages of both buses to be handled");
        Assert.Equal(0, Dependency.Duplicates);
        await AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_bus_that_stops_stops_only_its_own_endpoint()
    {
        await Services.GetRequiredService<IBusInstance<ISecondBus>>().BusControl.StopAsync(TestContext.Current.CancellationToken);
        await UntilAsync(Other, EndpointState.Stopped);
        await UntilAsync(_queue, EndpointState.Running);

        Breaker.Isolate("test");
        await UntilAsync(_queue, EndpointState.Paused);
        await UntilAsync(Other, EndpointState.Stopped);
        Breaker.Reset("test");
        await UntilAsync(_queue, EndpointState.Running);
        await UntilAsync(Other, EndpointState.Stopped);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(_dependencies);
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("first", options =>
            options.BreakDuration = options.MaxBreakDuration = TimeSpan.FromMilliseconds(300)));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<Worker>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker.Node.AmqpAddress);
                rabbit.UseMessagingBreaker(context);
                rabbit.ReceiveEndpoint(_queue, endpoint => Configure(endpoint, context));
            });
        });
        builder.Services.AddMassTransit<ISecondBus>(bus =>
        {
            bus.AddConsumer<Worker>();
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ReceiveEndpoint(Other, endpoint => Configure(endpoint, context));
                memory.ReceiveEndpoint(Other + "_error", endpoint =>
                {
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.Handler<Work>(_ =>
                    {
                        Interlocked.Increment(ref _deadLettered);
                        return Task.CompletedTask;
                    });
                });
            });
        });
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }

    static void Configure(IReceiveEndpointConfigurator endpoint, IBusRegistrationContext context)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.UseBreaker("first");
        endpoint.ConfigureConsumer<Worker>(context);
    }

    static async Task SendAsync(IBus bus, string queue, int from, int count)
    {
        var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
        foreach (var number in Enumerable.Range(from, count))
            await endpoint.Send(new Work(number));
    }

    async Task SendAsync(int count)
    {
        await SendAsync(Services.GetRequiredService<IBus>(), _queue, 0, count);
        await SendAsync(Services.GetRequiredService<ISecondBus>(), Other, InMemory, count);
    }

    Task<EndpointState> UntilAsync(string endpoint, EndpointState state) => Eventually.Is(
        () => Services.GetRequiredService<IEndpointRegistry>().Endpoints.Single(found => found.Name == endpoint).State,
        found => found == state,
        $"endpoint {endpoint} to be {state}");

    async Task AssertNothingDeadLetteredAsync()
    {
        Assert.Null(await broker.Node.GetQueueAsync($"{_queue}_error"));
        Assert.Equal(0, Volatile.Read(ref _deadLettered));
    }
}

public interface ISecondBus : IBus;
