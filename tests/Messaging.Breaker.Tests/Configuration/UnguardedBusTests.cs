using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Tests.Configuration;

/// <summary>A bus on which UseMessagingBreaker was forgotten, or whose configuration a test harness has replaced.</summary>
public class UnguardedBusTests
{
    const string Remedy = "call UseMessagingBreaker(context) on bus loopback://localhost/";

    public static TheoryData<string, Action<IBusRegistrationConfigurator>, Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator>> Unguarded => new()
    {
        { nameof(ChargeConsumer), bus => bus.AddConsumer<ChargeConsumer>(), (context, memory) => memory.ConfigureEndpoints(context) },
        { nameof(ChargeConsumer), bus => bus.AddConsumer<ChargeConsumer>(), (context, memory) => memory.ReceiveEndpoint("charge", endpoint => endpoint.ConfigureConsumer<ChargeConsumer>(context)) },
        { nameof(ChargeConsumer), _ => { }, (_, memory) => memory.ReceiveEndpoint("charge", endpoint => endpoint.Consumer<ChargeConsumer>()) },
        { nameof(ChargeConsumer), _ => { }, (_, memory) => memory.ReceiveEndpoint("charge", endpoint => endpoint.Instance(new ChargeConsumer())) },
        { nameof(DerivedConsumer), bus => bus.AddConsumer<DerivedConsumer>(), (context, memory) => memory.ConfigureEndpoints(context) },
        { "GenericConsumer", bus => bus.AddConsumer<GenericConsumer<Charge>>(), (context, memory) => memory.ConfigureEndpoints(context) },
        { nameof(BatchConsumer), bus => bus.AddConsumer<BatchConsumer>(), (context, memory) => memory.ConfigureEndpoints(context) },
        { nameof(ChargeSaga), bus => bus.AddSaga<ChargeSaga>().InMemoryRepository(), (context, memory) => memory.ConfigureEndpoints(context) },
        { nameof(ChargeMachine), bus => bus.AddSagaStateMachine<ChargeMachine, ChargeState>().InMemoryRepository(), (context, memory) => memory.ConfigureEndpoints(context) },
    };

    [Theory]
    [MemberData(nameof(Unguarded), DisableDiscoveryEnumeration = true)]
    public async Task A_consumer_with_the_attribute_is_refused_on_an_unguarded_bus(
        string consumer, Action<IBusRegistrationConfigurator> register, Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure)
    {
        var refusal = await StartAsync(services => services.AddMassTransit(bus =>
        {
            register(bus);
            bus.UsingInMemory(configure);
        }));
        Assert.Contains("[GuardedBy(\"payments\")] of " + consumer, refusal, StringComparison.Ordinal);
        Assert.Contains(Remedy, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("harness", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Unguarded), DisableDiscoveryEnumeration = true)]
    public async Task A_consumer_with_the_attribute_is_accepted_on_a_guarded_bus(
        string consumer, Action<IBusRegistrationConfigurator> register, Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure)
    {
        Assert.NotEmpty(consumer);
        Assert.Null(await StartAsync(services => services.AddMassTransit(bus =>
        {
            register(bus);
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                configure(context, memory);
            });
        })));
    }

    [Fact]
    public async Task A_process_that_registers_consumers_and_has_no_endpoint_for_them_starts()
    {
        Assert.Null(await StartAsync(services => services.AddMassTransit(bus =>
        {
            bus.AddConsumer<ChargeConsumer>();
            bus.UsingInMemory();
        })));
        Assert.Null(await StartAsync(services => services.AddMassTransit(bus =>
        {
            bus.AddConsumer<ChargeConsumer>();
            bus.AddConsumer<PlainConsumer>();
            bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context, filter => filter.Exclude<ChargeConsumer>()));
        })));
    }

    [Fact]
    public async Task An_unguarded_bus_is_refused_although_another_guards_an_endpoint_of_the_same_name()
    {
        var refusal = await StartAsync(services =>
        {
            services.AddMassTransit(bus =>
            {
                bus.AddConsumer<ChargeConsumer>();
                bus.UsingInMemory((context, memory) =>
                {
                    memory.UseMessagingBreaker(context);
                    memory.ConfigureEndpoints(context);
                });
            });
            services.AddMassTransit<IOtherBus>(bus =>
            {
                bus.AddConsumer<ChargeConsumer>();
                bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
            });
        });
        Assert.Contains(Remedy, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_harness_that_replaces_the_bus_says_what_to_give_it()
    {
        await using var provider = AddReplacedBus(new ServiceCollection()).AddMassTransitTestHarness().BuildServiceProvider(true);
        var refusal = (await Assert.ThrowsAnyAsync<Exception>(() => provider.GetTestHarness().Start())).Message;
        Assert.Contains("[GuardedBy(\"payments\")] of ChargeConsumer", refusal, StringComparison.Ordinal);
        Assert.Contains("AddMassTransitTestHarness has replaced the bus", refusal, StringComparison.Ordinal);
        Assert.Contains("memory.UseMessagingBreaker(context)", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_harness_that_follows_the_error_message_is_guarded()
    {
        await using var provider = AddReplacedBus(new ServiceCollection())
            .AddMassTransitTestHarness(bus => bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ConfigureEndpoints(context);
            }))
            .BuildServiceProvider(true);
        await provider.GetTestHarness().Start();
        Assert.Equal(["endpoint.Charge", "payments"], Assert.Single(provider.GetRequiredService<IEndpointRegistry>().Endpoints).Breakers.Order());
    }

    [Fact]
    public async Task A_definition_is_no_place_for_the_attribute()
    {
        var refusal = await StartAsync(services => services.AddMassTransit(bus =>
        {
            bus.AddConsumer<DefinedConsumer, GuardedDefinition>();
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ConfigureEndpoints(context);
            });
        }));
        Assert.Contains("[GuardedBy(\"payments\")] of GuardedDefinition has no effect on a definition", refusal, StringComparison.Ordinal);
        Assert.Contains("endpointConfigurator.UseBreaker", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Breakers_of_a_host_that_guards_no_bus_are_warned_about()
    {
        var logs = new LogRecorder();
        Assert.Null(await StartAsync(services => services.AddLogging(logging => logging.AddProvider(logs)).AddMassTransit(bus =>
        {
            bus.AddConsumer<PlainConsumer>();
            bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
        })));
        var warning = Assert.Single(logs.Lines, line => line.EventId == 11);
        Assert.Contains("UseMessagingBreaker(context)", warning.Text, StringComparison.Ordinal);
    }

    static IServiceCollection AddReplacedBus(IServiceCollection services) => services
        .AddMessagingBreaker(breakers => breakers.Add("payments"))
        .AddMassTransit(bus =>
        {
            bus.AddConsumer<ChargeConsumer>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.UseMessagingBreaker(context);
                rabbit.ConfigureEndpoints(context);
            });
        });

    /// <returns>The message with which the host refused to start; null if it started.</returns>
    static async Task<string?> StartAsync(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments"));
        builder.Services.Configure<UsageTelemetryOptions>(options => options.Enabled = false);
        configure(builder.Services);
        using var host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
        }
        catch (Exception exception)
        {
            return exception.Message;
        }

        await host.StopAsync(TestContext.Current.CancellationToken);
        return null;
    }

    public interface IOtherBus : IBus;

    public sealed record Charge(Guid CorrelationId) : CorrelatedBy<Guid>;

    [GuardedBy("payments")]
    public class ChargeConsumer : IConsumer<Charge>
    {
        public Task Consume(ConsumeContext<Charge> context) => Task.CompletedTask;
    }

    public sealed class DerivedConsumer : ChargeConsumer;

    [GuardedBy("payments")]
    public sealed class GenericConsumer<TMessage> : IConsumer<TMessage> where TMessage : class
    {
        public Task Consume(ConsumeContext<TMessage> context) => Task.CompletedTask;
    }

    [GuardedBy("payments")]
    public sealed class BatchConsumer : IConsumer<Batch<Charge>>
    {
        public Task Consume(ConsumeContext<Batch<Charge>> context) => Task.CompletedTask;
    }

    public sealed class PlainConsumer : IConsumer<Charge>
    {
        public Task Consume(ConsumeContext<Charge> context) => Task.CompletedTask;
    }

    public sealed class DefinedConsumer : IConsumer<Charge>
    {
        public Task Consume(ConsumeContext<Charge> context) => Task.CompletedTask;
    }

    [GuardedBy("payments")]
    public sealed class GuardedDefinition : ConsumerDefinition<DefinedConsumer>;

    [GuardedBy("payments")]
    public sealed class ChargeSaga : ISaga, InitiatedBy<Charge>
    {
        public Guid CorrelationId { get; set; }

        public Task Consume(ConsumeContext<Charge> context) => Task.CompletedTask;
    }

    public sealed class ChargeState : SagaStateMachineInstance
    {
        public Guid CorrelationId { get; set; }

        public string CurrentState { get; set; } = "";
    }

    [GuardedBy("payments")]
    public sealed class ChargeMachine : MassTransitStateMachine<ChargeState>
    {
        public ChargeMachine()
        {
            InstanceState(state => state.CurrentState);
            Event(() => Charged);
            Initially(When(Charged).Finalize());
        }

        public Event<Charge> Charged { get; private set; } = null!;
    }
}
