using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Tests.Consuming;
using Messaging.Breaker.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Values in code or configuration that make no sense.</summary>
public class ArgumentTests
{
    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("p\n")]
    [InlineData("<script>")]
    [InlineData("p\u202Ex")]
    public void A_malformed_name_is_refused_in_code_and_in_configuration(string name)
    {
        Assert.Contains(
            "is not a valid breaker name",
            Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add(name))).Message,
            StringComparison.Ordinal);
        var message = RefusalOf(new() { [$"Breakers:{name}:Probes"] = "3" });
        Assert.Contains("section Breakers has a breaker named", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, letter => char.IsControl(letter) || letter == '\u202E');
    }

    [Fact]
    public void A_name_of_a_megabyte_is_refused_with_a_short_message() =>
        Assert.InRange(RefusalOf(new() { [$"Breakers:{new string('x', 1_000_000)}:Probes"] = "3" }).Length, 1, 500);

    [Fact]
    public void A_section_that_is_a_word_is_refused() =>
        Assert.Contains("section Breakers is a plain value", RefusalOf(new() { ["Breakers"] = "payments" }), StringComparison.Ordinal);

    public static TheoryData<string, Action<IBreaker, string>> Reasoned => new()
    {
        { "Trip", (breaker, reason) => breaker.Trip(reason) },
        { "Isolate", (breaker, reason) => breaker.Isolate(reason) },
        { "Release", (breaker, reason) => breaker.Release(reason) },
        { "Reset", (breaker, reason) => breaker.Reset(reason) },
        { "Disable", (breaker, reason) => breaker.Disable(reason) },
        { "Shadow", (breaker, reason) => breaker.Shadow(reason) },
        { "Enforce", (breaker, reason) => breaker.Enforce(reason) },
    };

    [Theory]
    [MemberData(nameof(Reasoned), DisableDiscoveryEnumeration = true)]
    public void A_reason_that_says_nothing_is_refused(string action, Action<IBreaker, string> act)
    {
        using var harness = new BreakerHarness();
        foreach (var reason in new[] { null!, "", " \t\n" })
            Assert.Contains("breaker 'payments'", Assert.Throws<ArgumentException>(() => act(harness.Breaker, reason)).Message, StringComparison.Ordinal);
        Assert.Empty(harness.Transitions);
        Assert.NotEmpty(action);
    }

    [Theory]
    [InlineData("two\r\nlines", "two  lines")]
    [InlineData(" \u001B[31mred ", "\u001B[31mred")]
    [InlineData("a\u202Eb\u2028c\u0000d", "a b c d")]
    public void A_reason_is_kept_as_one_line(string reason, string kept)
    {
        using var harness = new BreakerHarness();
        harness.Breaker.Isolate(reason);
        Assert.Equal(kept.Replace('\u001B', ' ').Trim(), harness.Breaker.GetSnapshot().Reason.Trim());
        Assert.DoesNotContain(harness.Transitions[0].Reason, char.IsControl);
    }

    [Fact]
    public void A_reason_of_a_megabyte_is_shortened_between_characters()
    {
        using var harness = new BreakerHarness();
        harness.Breaker.Isolate("x" + string.Concat(Enumerable.Repeat("😀", 500_000)));
        var reason = harness.Breaker.GetSnapshot().Reason;
        Assert.InRange(reason.Length, 490, 500);
        Assert.EndsWith("😀…", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reason_to_hold_an_endpoint_is_not_blank_and_is_kept_as_one_line()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        foreach (var reason in new[] { null!, "", " \t\n" })
            Assert.Contains(
                $"endpoint '{Pipeline.Queue}'", Assert.Throws<ArgumentException>(() => pipeline.Endpoints.Pause(Pipeline.Queue, reason)).Message, StringComparison.Ordinal);
        Assert.Null(Assert.Single(pipeline.Endpoints.Endpoints).Hold);

        pipeline.Endpoints.Pause(Pipeline.Queue, "two\nlines" + new string('x', 1_000_000));
        var held = Assert.Single(pipeline.Endpoints.Endpoints).Hold!.Reason;
        Assert.StartsWith("two lines", held, StringComparison.Ordinal);
        Assert.InRange(held.Length, 490, 500);
    }

    [Fact]
    public void A_break_beyond_the_end_of_the_calendar_can_be_shown()
    {
        using var harness = new BreakerHarness();
        harness.Breaker.Trip("for ever", TimeSpan.MaxValue);
        Assert.True(harness.Breaker.GetSnapshot().NextProbeAt is null or { Year: > 3000 });
        harness.Breaker.Isolate("for ages", TimeSpan.FromDays(4_000_000));
        Assert.True(harness.Breaker.GetSnapshot().NextProbeAt is null or { Year: > 3000 });
    }

    [Fact]
    public void Nothing_can_be_attributed_without_breakers()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("payments").AddBreaker("payments");
        using var provider = services.BuildServiceProvider();
        var refusal = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IHttpClientFactory>().CreateClient("payments"));
        Assert.Contains("AddBreaker(\"payments\") needs services.AddMessagingBreaker", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_bus_is_guarded_once()
    {
        var message = await RefusalOfBus((context, bus) =>
        {
            bus.UseMessagingBreaker(context);
            bus.UseMessagingBreaker(context, options => options.EndpointBreaker = null);
        });
        Assert.Contains("twice on one bus", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guard_without_a_name_is_refused_with_its_consumer()
    {
        var message = await RefusalOfBus((context, bus) =>
        {
            bus.UseMessagingBreaker(context);
            bus.ReceiveEndpoint("orders", endpoint => endpoint.Consumer<Nameless>());
        });
        Assert.Contains("Nameless", message, StringComparison.Ordinal);
        Assert.Contains("names no breaker", message, StringComparison.Ordinal);
    }

    static async Task<string> RefusalOfBus(Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure)
    {
        var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments"));
        services.AddMassTransit(bus => bus.UsingInMemory(configure));
        await using var provider = services.BuildServiceProvider();
        return Assert.ThrowsAny<ConfigurationException>(provider.GetRequiredService<IBusControl>).ToString();
    }

    static string RefusalOf(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddMessagingBreaker();
        using var provider = services.BuildServiceProvider();
        return Assert.Throws<OptionsValidationException>(provider.GetRequiredService<BreakerRegistry>).Message;
    }

    [GuardedBy(null!)]
    sealed class Nameless : IConsumer<Order>
    {
        public Task Consume(ConsumeContext<Order> context) => Task.CompletedTask;
    }

    sealed record Order(int Number);
}
