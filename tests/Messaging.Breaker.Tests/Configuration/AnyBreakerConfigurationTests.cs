using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Configuration;

public class AnyBreakerConfigurationTests
{
    public static TheoryData<string[], string> Malformed => new()
    {
        { [], "at least two" },
        { ["eu"], "UseBreaker" },
        { ["eu", "EU"], "'eu' twice" },
        { ["eu", " "], "null or blank" },
        { ["eu", null!], "null or blank" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_group_is_refused_where_it_is_declared(string[] names, string problem)
    {
        ArgumentException? refusal = null;
        await BuildAsync((_, memory) => memory.ReceiveEndpoint("orders", endpoint => refusal = Assert.Throws<ArgumentException>(() => endpoint.UseAnyBreaker(names))));
        Assert.Contains(problem, refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_breaker_in_a_group_is_refused_and_the_known_ones_are_listed()
    {
        var refusal = await RefusalOf((_, memory) => memory.ReceiveEndpoint("orders", endpoint => endpoint.UseAnyBreaker("eu", "ue")));
        Assert.Contains("'ue'", refusal, StringComparison.Ordinal);
        Assert.Contains("'eu', 'us'", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_breaker_that_already_guards_the_endpoint_is_refused_in_a_group()
    {
        Assert.Contains("breaker 'eu' both alone", await RefusalOf((_, memory) => memory.ReceiveEndpoint("orders", endpoint =>
        {
            endpoint.UseBreaker("EU");
            endpoint.UseAnyBreaker("eu", "us");
        })), StringComparison.Ordinal);
        Assert.Contains("breaker 'us' both alone", await RefusalOf((_, memory) => memory.ReceiveEndpoint("orders", endpoint =>
        {
            endpoint.UseAnyBreaker("eu", "us");
            endpoint.UseAnyBreaker("us", "ap");
        })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_group_twice_is_one()
    {
        await using var services = await BuildAsync((_, memory) => memory.ReceiveEndpoint("orders", endpoint =>
        {
            endpoint.UseAnyBreaker("eu", "us");
            endpoint.UseAnyBreaker("us", "eu");
            endpoint.Handler<Order>(_ => Task.CompletedTask);
        }));
        var endpoint = Assert.Single(services.GetRequiredService<IEndpointRegistry>().Endpoints);
        Assert.Equal(["eu", "us"], Assert.Single(endpoint.Alternatives));
        Assert.Equal(["eu", "us", "endpoint.orders"], endpoint.Breakers);
    }

    [Fact]
    public async Task GuardedByAny_guards_like_UseAnyBreaker()
    {
        await using var services = await BuildAsync((_, memory) => memory.ReceiveEndpoint("orders", endpoint => endpoint.Consumer<OrderConsumer>()));
        Assert.Equal(["eu", "us"], Assert.Single(Assert.Single(services.GetRequiredService<IEndpointRegistry>().Endpoints).Alternatives));
        Assert.Contains(
            $"consumer {nameof(LonelyConsumer)}, whose [GuardedByAny] needs at least two",
            await RefusalOf((_, memory) => memory.ReceiveEndpoint("orders", endpoint => endpoint.Consumer<LonelyConsumer>())),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bus_that_nobody_guards_is_refused()
    {
        var refusal = await RefusalOf((_, memory) => memory.ReceiveEndpoint("orders", endpoint => endpoint.Consumer<OrderConsumer>()), isGuarded: false);
        Assert.Contains($"[GuardedByAny(\"eu\", \"us\")] of {nameof(OrderConsumer)}", refusal, StringComparison.Ordinal);
        Assert.Contains(
            "UseAnyBreaker(\"eu\", \"us\")",
            await RefusalOf((_, memory) => memory.ReceiveEndpoint("orders", endpoint => endpoint.UseAnyBreaker("eu", "us")), isGuarded: false),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_mediator_has_no_queue_to_pause()
    {
        var services = new ServiceCollection();
        services.AddMessagingBreaker(breakers => breakers.Add("eu").Add("us"));
        services.AddMediator(mediator => mediator.ConfigureMediator((_, configurator) => configurator.UseAnyBreaker("eu", "us")));
        using var provider = services.BuildServiceProvider();
        Assert.Contains(
            "UseAnyBreaker(\"eu\", \"us\"): the mediator",
            Assert.ThrowsAny<ConfigurationException>(provider.GetRequiredService<MassTransit.Mediator.IMediator>).Message,
            StringComparison.Ordinal);
    }

    static async Task<string> RefusalOf(Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure, bool isGuarded = true)
    {
        try
        {
            await using var services = await BuildAsync(configure, isGuarded);
        }
        catch (ConfigurationException exception)
        {
            return exception.Message;
        }

        throw new InvalidOperationException("The bus was built.");
    }

    static async Task<ServiceProvider> BuildAsync(Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure, bool isGuarded = true)
    {
        var services = new ServiceCollection();
        services.AddMessagingBreaker(breakers => breakers.Add("eu").Add("us").Add("ap"));
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((context, memory) =>
            {
                if (isGuarded)
                    memory.UseMessagingBreaker(context);
                configure(context, memory);
            });
        });
        var provider = services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IBusControl>();
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }

        return provider;
    }

    public sealed record Order(int Number);

    [GuardedByAny("eu", "us")]
    public sealed class OrderConsumer : IConsumer<Order>
    {
        public Task Consume(ConsumeContext<Order> context) => Task.CompletedTask;
    }

    [GuardedByAny("eu")]
    public sealed class LonelyConsumer : IConsumer<Order>
    {
        public Task Consume(ConsumeContext<Order> context) => Task.CompletedTask;
    }
}
