using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.Configuration;

public class ConfigurationTests
{
    [Theory]
    [InlineData("FailureRatio", "0")]
    [InlineData("FailureRatio", "1.1")]
    [InlineData("MinimumThroughput", "0")]
    [InlineData("ConsecutiveFailures", "0")]
    [InlineData("SamplingDuration", "00:00:00")]
    [InlineData("WindowCalls", "19")]
    [InlineData("SlowCallDuration", "00:00:01")]
    [InlineData("SlowCallRatio", "0.5")]
    [InlineData("MaxBreakDuration", "00:00:01")]
    [InlineData("BreakGrowth", "0.5")]
    [InlineData("ProbeConcurrency", "4")]
    [InlineData("ProbeSuccessRatio", "0")]
    [InlineData("RetestDelay", "00:00:00")]
    [InlineData("FailureRatioo", "0.5")]
    [InlineData("Probes", "many")]
    public void An_invalid_option_is_refused_by_name(string option, string value)
    {
        using var services = Services(new() { [$"Breakers:payments:{option}"] = value });
        var exception = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IBreakerRegistry>);
        Assert.Contains("'payments'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(option.StartsWith("SlowCall", StringComparison.Ordinal) ? "SlowCall" : option, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_wins_over_code_and_may_add_breakers()
    {
        using var services = Services(new() { ["Breakers:payments:Mode"] = "Shadow", ["Breakers:email:Probes"] = "5" });
        var breakers = services.GetRequiredService<IBreakerRegistry>();
        Assert.Equal(["payments", "email"], breakers.Breakers.Select(breaker => breaker.Name));
        Assert.Equal(BreakerMode.Shadow, breakers["payments"].Mode);
        Assert.Same(breakers["payments"], breakers["PAYMENTS"]);
    }

    [Fact]
    public void A_reload_keeps_the_state_and_an_invalid_one_is_not_applied()
    {
        using var services = Services([]);
        var breaker = services.GetRequiredService<IBreakerRegistry>()["payments"];
        breaker.Trip("test");
        var configuration = (IConfigurationRoot)services.GetRequiredService<IConfiguration>();
        configuration["Breakers:payments:FailureRatio"] = "7";
        configuration.Reload();
        Assert.Equal(BreakerState.Open, breaker.State);

        configuration["Breakers:payments:FailureRatio"] = "0.7";
        configuration["Breakers:payments:Mode"] = "Disabled";
        configuration.Reload();
        Assert.Equal((BreakerState.Closed, BreakerMode.Disabled), (breaker.State, breaker.Mode));
    }

    [Fact]
    public void A_name_is_added_once_and_is_well_formed()
    {
        var services = new ServiceCollection();
        Assert.Contains("'a b'", Assert.Throws<ArgumentException>(() => services.AddMessagingBreaker(b => b.Add("a b"))).Message, StringComparison.Ordinal);
        services.AddMessagingBreaker(breakers => breakers.Add("payments"));
        Assert.Throws<ArgumentException>(() => services.AddMessagingBreaker(breakers => breakers.Add("Payments")));
    }

    [Fact]
    public async Task An_unknown_breaker_on_an_endpoint_is_refused_with_the_known_ones()
    {
        var message = await RefusalOf((context, rabbit) =>
        {
            rabbit.UseMessagingBreaker(context);
            rabbit.ReceiveEndpoint("orders", endpoint => endpoint.UseBreaker("payment"));
        });
        Assert.Contains("'payment'", message, StringComparison.Ordinal);
        Assert.Contains("'payments'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bus_that_does_not_use_breakers_refuses_an_endpoint_that_does() => Assert.Contains(
        "UseMessagingBreaker(context)",
        await RefusalOf((_, rabbit) => rabbit.ReceiveEndpoint("orders", endpoint => endpoint.UseBreaker("payments"))),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_bus_without_breakers_in_its_container_says_what_to_call()
    {
        var services = new ServiceCollection().AddMassTransit(bus => bus.UsingInMemory((context, memory) => memory.UseMessagingBreaker(context)));
        await using var provider = services.BuildServiceProvider();
        Assert.Contains("AddMessagingBreaker", Assert.ThrowsAny<Exception>(provider.GetRequiredService<IBusControl>).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Breakers_that_come_after_the_endpoints_are_refused() => Assert.Contains(
        "before the endpoints",
        await RefusalOf((context, rabbit) =>
        {
            rabbit.ReceiveEndpoint("orders", _ => { });
            rabbit.UseMessagingBreaker(context);
        }),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("AutoDelete")]
    [InlineData("Exclusive")]
    [InlineData("PurgeOnStartup")]
    [InlineData("QueueExpiration")]
    [InlineData("stream")]
    [InlineData("UseKillSwitch")]
    public async Task An_endpoint_that_cannot_be_paused_is_refused_with_the_setting_to_remove(string setting)
    {
        var message = await RefusalOf((context, rabbit) =>
        {
            rabbit.UseMessagingBreaker(context);
            rabbit.ReceiveEndpoint("orders", endpoint =>
            {
                endpoint.UseBreaker("payments");
                switch (setting)
                {
                    case "AutoDelete":
                        endpoint.AutoDelete = true;
                        break;
                    case "Exclusive":
                        endpoint.Exclusive = true;
                        break;
                    case "PurgeOnStartup":
                        endpoint.PurgeOnStartup = true;
                        break;
                    case "QueueExpiration":
                        endpoint.QueueExpiration = TimeSpan.FromHours(1);
                        break;
                    case "stream":
                        endpoint.Stream();
                        break;
                    default:
                        endpoint.UseKillSwitch(options => options.SetActivationThreshold(10));
                        break;
                }
            });
        });
        Assert.Contains("orders", message, StringComparison.Ordinal);
        Assert.Contains(setting, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x-message-ttl", 60_000, "lost")]
    [InlineData("x-max-length", 50, "x-overflow")]
    [InlineData("x-max-length-bytes", 50_000, "x-overflow")]
    [InlineData("x-delayed-retry-type", "returned", "use failed")]
    [InlineData("x-delayed-retry-type", "all", "use failed")]
    [InlineData("x-delayed-retry-type", "failed", null)]
    [InlineData("x-max-length", 50, null, "x-overflow", "reject-publish")]
    [InlineData("x-max-length", 50, null, "x-overflow", "reject-publish-dlx")]
    [InlineData("x-max-length", 50, null, "x-dead-letter-exchange", "overflow")]
    public async Task A_queue_that_a_pause_may_harm_is_named_in_the_log(string argument, object value, string? expected, string? other = null, string? otherValue = null)
    {
        var log = new LogRecorder();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log)).AddMessagingBreaker(breakers => breakers.Add("payments"));
        services.AddMassTransit(bus => bus.UsingRabbitMq((context, rabbit) =>
        {
            rabbit.UseMessagingBreaker(context);
            rabbit.ReceiveEndpoint("orders", endpoint =>
            {
                endpoint.SetQueueArgument(argument, value);
                if (other is not null)
                    endpoint.SetQueueArgument(other, otherValue);
                endpoint.UseBreaker("payments");
            });
        }));
        await using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<IBusControl>();
        if (expected is null)
            Assert.DoesNotContain(log.Lines, line => line.Text.Contains("is guarded, but", StringComparison.Ordinal));
        else
            Assert.Contains(expected, Assert.Single(log.Lines, line => line.Text.Contains("Endpoint orders is guarded, but", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }

    static async Task<string> RefusalOf(Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
    {
        var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments"));
        services.AddMassTransit(bus => bus.UsingRabbitMq(configure));
        await using var provider = services.BuildServiceProvider();
        return Assert.ThrowsAny<Exception>(provider.GetRequiredService<IBusControl>).ToString();
    }

    static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddMessagingBreaker(breakers => breakers.Add("payments", options => options.FailureRatio = 0.9))
        .BuildServiceProvider();
}
