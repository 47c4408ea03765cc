using MassTransit;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Transports;

/// <summary>A rider's endpoint is declared on its bus, whatever that bus is, but its messages come from elsewhere.</summary>
public class RiderTests
{
    [Theory]
    [InlineData("topics/charges", "this rider")]
    [InlineData("kafka/charges/workers", "Kafka")]
    [InlineData("event-hub/charges/workers", "Event Hubs")]
    public async Task Guarding_a_rider_is_refused_beside_a_bus_that_needs_no_permission(string name, string called)
    {
        foreach (var declare in Declarations)
        {
            var refusal = await RefusalOf(name, declare, bus => bus.UsingInMemory((context, memory) => memory.UseMessagingBreaker(context)));
            Assert.Contains($"there is no adapter for {called},", refusal, StringComparison.Ordinal);
            Assert.Contains("options.AllowHolding = true", refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Guarding_a_rider_is_refused_beside_RabbitMQ_because_its_messages_cannot_be_returned()
    {
        foreach (var declare in Declarations)
            Assert.Contains(
                "there is no adapter for Kafka,",
                await RefusalOf("kafka/charges/workers", declare, bus => bus.UsingRabbitMq((context, rabbit) => rabbit.UseMessagingBreaker(context))),
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_bus_without_breakers_UseBreaker_says_what_to_call() => Assert.Contains(
        "call UseMessagingBreaker(context) on the bus",
        await RefusalOf("kafka/charges/workers", (_, endpoint) => endpoint.UseBreaker("payments"), bus => bus.UsingInMemory()),
        StringComparison.Ordinal);

    [Fact]
    public async Task An_unguarded_rider_runs_beside_a_bus_with_breakers()
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var services = Services(
            "topics/mails",
            (_, endpoint) => endpoint.Handler<Mail>(_ =>
            {
                handled.SetResult();
                return Task.CompletedTask;
            }),
            bus => bus.UsingInMemory((context, memory) => memory.UseMessagingBreaker(context)));
        var control = services.GetRequiredService<IBusControl>();
        await control.StartAsync(TestContext.Current.CancellationToken);
        await SendAsync(control, "topics/mails", new Mail(1));
        await handled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await control.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(services.GetRequiredService<IEndpointRegistry>().Endpoints);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_permission_messages_are_held_in_process_in_an_outage_and_handled_afterwards(bool declaredOnTheEndpoint)
    {
        Pipeline? pipeline = null;
        await using var started = pipeline = await Pipeline.StartAsync(Pipeline.Works, transport: (bus, configure) =>
        {
            bus.UsingInMemory(configure);
            bus.AddRider(rider => rider.SetRiderFactory(new OtherRiderFactory("topics/charges", (_, endpoint) =>
            {
                endpoint.ConcurrentMessageLimit = 16;
                if (declaredOnTheEndpoint)
                {
                    endpoint.UseBreaker("first");
                    endpoint.Handler<Work>(message => pipeline!.HandleAsync(message.Message, message.CancellationToken));
                }
                else
                {
                    endpoint.Consumer(() => new GuardedWorker(pipeline!));
                }
            })));
        });
        pipeline.Dependency = Pipeline.Fails;
        for (var number = 0; number < 50; number++)
            await SendAsync(pipeline.Bus, "topics/charges", new Work(number));
        await pipeline.UntilAsync(BreakerState.Open);
        var topic = Assert.Single(pipeline.Endpoints.Endpoints, endpoint => endpoint.Name == "topics/charges");
        Assert.Equal(EndpointState.Paused, topic.State);
        Assert.InRange(pipeline.Calls.Count, 10, 16);

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "every message to be handled");
        await pipeline.UntilAsync(BreakerState.Closed);
        pipeline.AssertNothingDeadLettered();
        Assert.Equal(EndpointState.Running, pipeline.Endpoints.Endpoints.Single(endpoint => endpoint.Name == "topics/charges").State);

        await pipeline.Bus.StopAsync(TestContext.Current.CancellationToken);
        Assert.All(pipeline.Endpoints.Endpoints, endpoint => Assert.Equal(EndpointState.Stopped, endpoint.State));
        await pipeline.Bus.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(EndpointState.Running, pipeline.Endpoints.Endpoints.Single(endpoint => endpoint.Name == "topics/charges").State);
    }

    [Fact]
    public async Task A_rider_beside_RabbitMQ_has_no_queue_there_to_read_and_no_dead_letters()
    {
        await using var services = Services(
            "kafka/charges/workers",
            (_, endpoint) => endpoint.UseBreaker("payments"),
            bus => bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.UseMessagingBreaker(context, options => options.AllowHolding = true);
                rabbit.ReceiveEndpoint("mails", endpoint => endpoint.UseBreaker("payments"));
            }));
        services.GetRequiredService<IBusControl>();
        Assert.Equal(
            ["mails", "kafka/charges/workers"], services.GetRequiredService<IEndpointRegistry>().Endpoints.Select(endpoint => endpoint.Name));
        var watched = services.GetRequiredService<WatchedQueues>();
        Assert.True(watched.Knows("mails"));
        Assert.False(watched.Knows("kafka/charges/workers"));
        Assert.Equal(["mails_error", "mails_skipped"], services.GetRequiredService<KnownQueues>().Offered.Select(queue => queue.Name));
    }

    static readonly Action<IRiderRegistrationContext, IReceiveEndpointConfigurator>[] Declarations =
    [
        (_, endpoint) => endpoint.UseBreaker("payments"),
        (context, endpoint) => endpoint.ConfigureConsumer<GuardedMailer>(context),
        (context, endpoint) => endpoint.ConfigureConsumer<DefinedMailer>(context),
    ];

    static async Task SendAsync<T>(IBus bus, string topic, T message) where T : class
    {
        var endpoint = await bus.GetSendEndpoint(new Uri($"loopback://localhost/{topic}"));
        await endpoint.Send(message);
    }

    static async Task<string> RefusalOf(
        string name, Action<IRiderRegistrationContext, IReceiveEndpointConfigurator> declare, Action<IBusRegistrationConfigurator> configure)
    {
        await using var services = Services(name, declare, configure);
        return Assert.ThrowsAny<Exception>(services.GetRequiredService<IBusControl>).ToString();
    }

    static ServiceProvider Services(
        string name, Action<IRiderRegistrationContext, IReceiveEndpointConfigurator> declare, Action<IBusRegistrationConfigurator> configure) =>
        new ServiceCollection()
            .AddMessagingBreaker(breakers => breakers.Add("payments").WatchQueues())
            .AddMassTransit(bus =>
            {
                bus.DisableUsageTelemetry();
                bus.AddRider(rider =>
                {
                    rider.AddConsumer<GuardedMailer>();
                    rider.AddConsumer<DefinedMailer, DefinedMailerDefinition>();
                    rider.SetRiderFactory(new OtherRiderFactory(name, declare));
                });
                configure(bus);
            })
            .BuildServiceProvider();

    [GuardedBy("first")]
    sealed class GuardedWorker(Pipeline pipeline) : IConsumer<Work>
    {
        public Task Consume(ConsumeContext<Work> context) => pipeline.HandleAsync(context.Message, context.CancellationToken);
    }
}
