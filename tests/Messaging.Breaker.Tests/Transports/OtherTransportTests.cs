using MassTransit;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.SqlTransport;
using MassTransit.SqlTransport.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Transports;

public class OtherTransportTests
{
    [Theory]
    [InlineData(Declared.OnTheEndpoint)]
    [InlineData(Declared.OnTheConsumer)]
    [InlineData(Declared.OnADefinition)]
    public async Task A_guarded_endpoint_is_refused_with_the_transport_the_cost_and_the_option(Declared how)
    {
        var refusal = await RefusalOf(bus => bus.SetBusFactory(new OtherBusFactory((context, other) =>
        {
            other.UseMessagingBreaker(context);
            Declare(other, context, how);
        })));
        Assert.Contains("charges cannot be guarded by a breaker", refusal, StringComparison.Ordinal);
        Assert.Contains(nameof(OtherReceiveEndpointConfiguration), refusal, StringComparison.Ordinal);
        Assert.Contains("how long a held message stays locked", refusal, StringComparison.Ordinal);
        Assert.Contains("options.AllowHolding = true", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_connected_at_run_time_is_refused_and_leaves_nothing_behind()
    {
        await using var services = Services(bus => bus.SetBusFactory(new OtherBusFactory((context, other) => other.UseMessagingBreaker(context))));
        var control = services.GetRequiredService<IBusControl>();
        var refusal = Assert.Throws<ConfigurationException>(() => control.ConnectReceiveEndpoint("late", endpoint => endpoint.UseBreaker("payments")));
        Assert.Contains("AllowHolding", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(services.GetRequiredService<IEndpointRegistry>().Endpoints);
    }

    [Fact]
    public async Task An_unguarded_endpoint_is_none_of_our_business()
    {
        await using var services = Services(bus => bus.SetBusFactory(new OtherBusFactory((context, other) =>
        {
            other.UseMessagingBreaker(context);
            other.ReceiveEndpoint("mails", endpoint => endpoint.Handler<Mail>(_ => Task.CompletedTask));
        })));
        var control = services.GetRequiredService<IBusControl>();
        await control.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(BusHealthStatus.Healthy, control.CheckHealth().Status);
        await control.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(services.GetRequiredService<IEndpointRegistry>().Endpoints);
    }

    [Fact]
    public async Task An_endpoint_that_only_derives_from_the_in_memory_one_is_another_transport()
    {
        var refusal = await RefusalOf(bus => bus.SetBusFactory(new OtherBusFactory(
            (context, other) =>
            {
                other.UseMessagingBreaker(context);
                Declare(other, context, Declared.OnTheEndpoint);
            },
            (host, queue, endpoint) => new Derived(host, queue, endpoint))));
        Assert.Contains(nameof(Derived), refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permission_is_given_for_one_bus()
    {
        await using var services = new ServiceCollection()
            .AddMessagingBreaker(breakers => breakers.Add("payments"))
            .AddMassTransit(bus => bus.SetBusFactory(new OtherBusFactory((context, other) =>
            {
                other.UseMessagingBreaker(context, options => options.AllowHolding = true);
                Declare(other, context, Declared.OnTheEndpoint);
            })))
            .AddMassTransit<ISecondBus>(bus => bus.SetBusFactory(new OtherBusFactory((context, other) =>
            {
                other.UseMessagingBreaker(context);
                other.ReceiveEndpoint("refunds", endpoint => endpoint.UseBreaker("payments"));
            })))
            .BuildServiceProvider();
        Assert.NotNull(services.GetRequiredService<IBusControl>());
        Assert.Contains("refunds cannot be guarded", Assert.ThrowsAny<Exception>(services.GetRequiredService<ISecondBus>).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Azure Service Bus", "MaxDeliveryCount")]
    [InlineData("Amazon SQS", "visibility time-out")]
    [InlineData("ActiveMQ", "prefetch")]
    public async Task A_transport_of_MassTransit_is_called_by_the_name_that_its_users_know(string name, string cost)
    {
        var refusal = await RefusalOf(bus => bus.SetBusFactory(new OtherBusFactory(
            (context, other) =>
            {
                other.UseMessagingBreaker(context);
                Declare(other, context, Declared.OnTheEndpoint);
            },
            (host, queue, endpoint) => name switch
            {
                "Azure Service Bus" => new MassTransit.AzureServiceBusTransport.Configuration.Endpoint(host, queue, endpoint),
                "Amazon SQS" => new MassTransit.AmazonSqsTransport.Configuration.Endpoint(host, queue, endpoint),
                _ => new MassTransit.ActiveMqTransport.Configuration.Endpoint(host, queue, endpoint),
            })));
        Assert.Contains($"there is no adapter for {name},", refusal, StringComparison.Ordinal);
        Assert.Contains(cost, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_SQL_transport_itself_is_refused()
    {
        var refusal = await RefusalOf(bus => bus.SetBusFactory(new SqlRegistrationBusFactory((context, sql) =>
        {
            sql.Host(new NoDatabase());
            sql.UseMessagingBreaker(context);
            sql.ReceiveEndpoint("charges", endpoint => endpoint.UseBreaker("payments"));
        })));
        Assert.Contains("there is no adapter for the SQL transport,", refusal, StringComparison.Ordinal);
        Assert.Contains("MaxLockDuration", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal, StringComparison.Ordinal);
    }

    static void Declare(IBusFactoryConfigurator bus, IBusRegistrationContext context, Declared how) => bus.ReceiveEndpoint("charges", endpoint =>
    {
        switch (how)
        {
            case Declared.OnTheEndpoint:
                endpoint.UseBreaker("payments");
                endpoint.Handler<Mail>(_ => Task.CompletedTask);
                break;
            case Declared.OnTheConsumer:
                endpoint.ConfigureConsumer<GuardedMailer>(context);
                break;
            default:
                endpoint.ConfigureConsumer<DefinedMailer>(context);
                break;
        }
    });

    static async Task<string> RefusalOf(Action<IBusRegistrationConfigurator> configure)
    {
        await using var services = Services(configure);
        return Assert.ThrowsAny<Exception>(services.GetRequiredService<IBusControl>).ToString();
    }

    static ServiceProvider Services(Action<IBusRegistrationConfigurator> configure) => new ServiceCollection()
        .AddMessagingBreaker(breakers => breakers.Add("payments"))
        .AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<GuardedMailer>();
            bus.AddConsumer<DefinedMailer, DefinedMailerDefinition>();
            configure(bus);
        })
        .BuildServiceProvider();

    public enum Declared
    {
        OnTheEndpoint,
        OnTheConsumer,
        OnADefinition,
    }

    sealed class Derived(IInMemoryHostConfiguration host, string queueName, IInMemoryEndpointConfiguration endpoint)
        : InMemoryReceiveEndpointConfiguration(host, queueName, endpoint);

    sealed class NoDatabase : ConfigurationSqlHostSettings
    {
        public NoDatabase() => (Host, Username, Password) = ("localhost", "orders", "secret");

        public override ConnectionContextFactory CreateConnectionContextFactory(ISqlHostConfiguration configuration) =>
            throw new InvalidOperationException("A refused bus does not connect.");
    }
}

public interface ISecondBus : IBus;

public sealed record Mail(int Number);

[GuardedBy("payments")]
public sealed class GuardedMailer : IConsumer<Mail>
{
    public Task Consume(ConsumeContext<Mail> context) => Task.CompletedTask;
}

public sealed class DefinedMailer : IConsumer<Mail>
{
    public Task Consume(ConsumeContext<Mail> context) => Task.CompletedTask;
}

public sealed class DefinedMailerDefinition : ConsumerDefinition<DefinedMailer>
{
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<DefinedMailer> consumerConfigurator, IRegistrationContext context) =>
        endpointConfigurator.UseBreaker("payments");
}
