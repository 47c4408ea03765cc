using System.Globalization;
using System.Net;
using MassTransit;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Partitions;

public class PartitionTests
{
    const int Keys = 10;

    [Fact]
    public async Task The_outage_of_one_key_leaves_the_others_alone()
    {
        var isDown = true;
        await using var pipeline = await Pipeline.StartAsync((work, _) => isDown && KeyOf(work) == "0" ? throw new IOException("down") : Task.CompletedTask, ByKey);
        await pipeline.SendAsync(0, 50);
        await pipeline.UntilHandledAsync(45);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.Keys!.NotClosed is [{ Key: "0", State: BreakerState.Open }], "the key to open");
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);

        isDown = false;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "everything to be handled");
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.Keys!.NotClosed.Count == 0, "the key to close");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task When_half_of_the_keys_are_down_the_whole_opens_and_comes_back()
    {
        var isDown = true;
        await using var pipeline = await Pipeline.StartAsync((work, _) => isDown && work.Number % 2 == 0 ? throw new IOException("down") : Task.CompletedTask, ByKey);
        await pipeline.SendAsync(0, 20);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "the whole to open");

        isDown = false;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 20, "everything to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task Messages_that_can_wait_nowhere_but_here_open_the_whole_before_they_take_all_places()
    {
        await using var pipeline = await Pipeline.StartAsync((work, _) => KeyOf(work) == "0" ? throw new IOException("down") : Task.CompletedTask, ByKey);
        pipeline.Breaker.Keys!["0"].Isolate("customer 0 moves house");
        await pipeline.SendAsync(0, 50);
        await pipeline.UntilHandledAsync(45);
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);

        await pipeline.SendAsync(50, 50);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.Contains("wait in this process", pipeline.Breaker.GetSnapshot().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_steered_like_a_breaker()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, ByKey);
        var key = pipeline.Breaker.Keys!["3"];
        key.Isolate("customer 3 moves house");
        await pipeline.SendAsync(0, 20);
        await pipeline.UntilHandledAsync(18);
        Assert.Equal("customer 3 moves house", Assert.Single(pipeline.Breaker.Keys!.NotClosed).Reason);

        key.Release("it has moved");
        await pipeline.UntilHandledAsync(20);
        Assert.Equal("first[3]", key.Name);
    }

    [Fact]
    public async Task A_message_whose_key_is_empty_or_cannot_be_read_has_no_key()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Works, options => options.PartitionBy<Work>(work => work.Number % 2 == 0 ? throw new InvalidDataException("no customer") : ""));
        await pipeline.SendAsync(0, 20);
        await pipeline.UntilHandledAsync(20);
        Assert.Equal(0, pipeline.Breaker.Keys!.Remembered);
    }

    [Fact]
    public async Task Hostile_keys_are_not_remembered_for_ever()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Works,
            options =>
            {
                options.MaxKeys = 100;
                options.PartitionBy<Work>(work => new string('x', work.Number % 2 == 0 ? 10_000 : 1) + work.Number.ToString(CultureInfo.InvariantCulture));
            });
        await pipeline.SendAsync(0, 500);
        await pipeline.UntilHandledAsync(500);
        Assert.InRange(pipeline.Breaker.Keys!.Remembered, 1, 100);
    }

    [Fact]
    public async Task Keys_that_fail_and_cannot_be_remembered_belong_to_the_whole()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Fails,
            options =>
            {
                options.MaxKeys = 10;
                options.PartitionBy<Work>(work => work.Number.ToString(CultureInfo.InvariantCulture));
            });
        await pipeline.SendAsync(0, 50);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "the whole to open");
        Assert.InRange(pipeline.Breaker.Keys!.Remembered, 1, 10);
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public void A_key_has_options_of_its_own()
    {
        using var services = Services(new()
        {
            ["Breakers:webhooks:BreakDuration"] = "00:00:02",
            ["Breakers:webhooks:Partitions:acme:BreakDuration"] = "00:00:07",
            ["Breakers:webhooks:Partitions:acme:MaxBreakDuration"] = "00:00:07",
        });
        var breaker = services.GetRequiredService<IBreakerRegistry>()["webhooks"];
        Assert.Equal(TimeSpan.FromSeconds(7), BreakOf(breaker.Keys!["acme"]));
        Assert.Equal(TimeSpan.FromSeconds(2), BreakOf(breaker.Keys!["globex"]));
        Assert.Equal(TimeSpan.FromSeconds(2), BreakOf(breaker.Keys!["ACME 2"]));

        static TimeSpan BreakOf(IBreaker key)
        {
            key.Trip("test");
            var snapshot = key.GetSnapshot();
            return TimeSpan.FromSeconds(Math.Round((snapshot.NextProbeAt!.Value - snapshot.Since).TotalSeconds));
        }
    }

    [Fact]
    public void An_option_of_a_key_that_does_not_exist_is_refused_at_start()
    {
        using var services = Services(new() { ["Breakers:webhooks:Partitions:acme:BreakDurration"] = "00:00:07" });
        var refused = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => services.GetRequiredService<IBreakerRegistry>());
        Assert.Contains("Breakers:webhooks:Partitions:acme", refused.Message, StringComparison.Ordinal);
        Assert.Contains("BreakDurration", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_two_breakers_split_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => Pipeline.StartAsync(Pipeline.Works, ByKey, endpoint => endpoint.UseBreaker("second")));
        Assert.Contains("'first' and 'second' are both split by keys", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attribute_can_name_the_property_that_holds_the_key()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Works, consume: (test, _, endpoint) => endpoint.Consumer(() => new NumberConsumer(test)));
        pipeline.Breaker.Keys!["3"].Isolate("test");
        await pipeline.SendAsync(0, 10);
        await pipeline.UntilHandledAsync(9);
    }

    [Fact]
    public async Task An_attribute_that_names_no_property_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => Pipeline.StartAsync(
            Pipeline.Works, consume: (test, _, endpoint) => endpoint.Consumer(() => new ColourConsumer(test))));
        Assert.Contains("'Colour', which is not a readable property of Work", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_supplies_the_key_of_a_message_that_has_none()
    {
        var isDown = true;
        Pipeline? pipeline = null;
        await using var started = pipeline = await Pipeline.StartAsync(
            (work, cancellationToken) => pipeline!.Services.GetRequiredService<IHttpClientFactory>().CreateClient("hooks")
                .GetStringAsync(new Uri($"http://host{KeyOf(work)}/"), cancellationToken),
            services: services => services.AddHttpClient("hooks")
                .AddBreaker("first", partitionBy: request => request.RequestUri!.Host)
                .ConfigurePrimaryHttpMessageHandler(() => new Hosts(host => isDown && host == "host0")));
        await pipeline.SendAsync(0, 50);
        await pipeline.UntilHandledAsync(45);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.Keys!.NotClosed is [{ Key: "host0", State: BreakerState.Open }], "the host's breaker to open");
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);

        isDown = false;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "everything to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_call_outside_of_a_message_has_a_key_too()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, services: services => services.AddHttpClient("hooks")
            .AddBreaker("first", partitionBy: request => request.RequestUri!.Host)
            .ConfigurePrimaryHttpMessageHandler(() => new Hosts(host => host == "host0")));
        using var client = pipeline.Services.GetRequiredService<IHttpClientFactory>().CreateClient("hooks");
        var cancellationToken = TestContext.Current.CancellationToken;
        for (var call = 0; call < 5; call++)
            (await client.GetAsync(new Uri("http://host0/"), cancellationToken)).Dispose();
        await Assert.ThrowsAsync<BreakerOpenException>(() => client.GetAsync(new Uri("http://host0/"), cancellationToken));
        Assert.Equal("fine", await client.GetStringAsync(new Uri("http://host1/"), cancellationToken));
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    static string KeyOf(Work work) => (work.Number % Keys).ToString(CultureInfo.InvariantCulture);

    static void ByKey(BreakerOptions options) => options.PartitionBy<Work>(KeyOf);

    static ServiceProvider Services(Dictionary<string, string?> settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        .AddMessagingBreaker(breakers => breakers.Add("webhooks").PartitionBy<Work>(KeyOf))
        .BuildServiceProvider();

    [GuardedBy("first", PartitionBy = nameof(Work.Number))]
    sealed class NumberConsumer(Pipeline pipeline) : IConsumer<Work>
    {
        public Task Consume(ConsumeContext<Work> context) => pipeline.HandleAsync(context.Message, context.CancellationToken);
    }

    [GuardedBy("first", PartitionBy = "Colour")]
    sealed class ColourConsumer(Pipeline pipeline) : IConsumer<Work>
    {
        public Task Consume(ConsumeContext<Work> context) => pipeline.HandleAsync(context.Message, context.CancellationToken);
    }

    sealed class Hosts(Func<string, bool> isDown) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(
            new HttpResponseMessage(isDown(request.RequestUri!.Host) ? HttpStatusCode.InternalServerError : HttpStatusCode.OK) { Content = new StringContent("fine") });
    }
}
