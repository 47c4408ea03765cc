using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker.Tests.Telemetry;

public class HealthCheckTests
{
    [Fact]
    public async Task A_closed_breaker_is_healthy_and_described()
    {
        await using var pipeline = await StartAsync();
        var entry = await CheckAsync(pipeline);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(["endpoint.work", "first", "second"], entry.Data.Keys.Order());
        var first = Assert.IsType<Dictionary<string, object?>>(entry.Data["first"]);
        Assert.Equal("Closed", first["state"]);
        Assert.Equal(new Dictionary<string, string> { [Pipeline.Queue] = "Running" }, first["endpoints"]);
        Assert.Empty((Dictionary<string, string>)Assert.IsType<Dictionary<string, object?>>(entry.Data["second"])["endpoints"]!);
    }

    [Fact]
    public async Task An_open_breaker_is_degraded_and_says_why_since_when_and_until_when()
    {
        await using var pipeline = await StartAsync();
        pipeline.Breaker.Trip("test", TimeSpan.FromMinutes(1));
        var entry = await CheckAsync(pipeline);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("first is Open: test", entry.Description);
        var first = Assert.IsType<Dictionary<string, object?>>(entry.Data["first"]);
        Assert.Equal(("Open", "test"), (first["state"], first["reason"]));
        Assert.Equal(pipeline.Clock.GetUtcNow(), first["since"]);
        Assert.InRange((DateTimeOffset)first["nextProbe"]!, pipeline.Clock.GetUtcNow().AddMinutes(1), DateTimeOffset.MaxValue);
        Assert.Equal(new Dictionary<string, string> { [Pipeline.Queue] = "Paused" }, first["endpoints"]);

        pipeline.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(BreakerState.HalfOpen, pipeline.Breaker.State);
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(pipeline)).Status);
        pipeline.Breaker.Reset("test");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(pipeline)).Status);
    }

    [Fact]
    public async Task What_open_and_isolated_mean_is_the_users_choice_and_the_worst_breaker_counts()
    {
        await using var pipeline = await StartAsync(options => (options.Open, options.Isolated) = (HealthStatus.Unhealthy, HealthStatus.Healthy));
        pipeline.Breaker.Isolate("planned");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(pipeline)).Status);
        pipeline.Breakers["second"].Trip("test");
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(pipeline)).Status);
    }

    [Fact]
    public async Task An_open_breaker_in_shadow_is_healthy()
    {
        await using var pipeline = await StartAsync();
        pipeline.Breaker.Shadow("test");
        pipeline.Breaker.Trip("test");
        Assert.Equal(BreakerState.Open, pipeline.Breaker.State);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(pipeline)).Status);
    }

    [Fact]
    public async Task Keys_that_are_down_degrade_and_the_worst_five_are_named()
    {
        await using var pipeline = await StartWithKeysAsync();
        var keys = pipeline.Breaker.Keys!;
        foreach (var number in Enumerable.Range(1, 20))
            _ = keys[$"healthy customer {number}"].State;
        foreach (var number in Enumerable.Range(1, 7))
            keys[$"customer {number}"].Trip("it hangs", TimeSpan.FromMinutes(1));
        var entry = await CheckAsync(pipeline);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.StartsWith("first keys: 7 open ('customer 1' is Open: it hangs; ", entry.Description, StringComparison.Ordinal);
        Assert.EndsWith("; and 2 more)", entry.Description, StringComparison.Ordinal);

        var told = Assert.IsType<Dictionary<string, object?>>(((Dictionary<string, object?>)entry.Data["first"])["keys"]);
        Assert.Equal((7, 0, 0), (told["open"], told["halfOpen"], told["isolated"]));
        var worst = Assert.IsType<List<Dictionary<string, object?>>>(told["worst"]);
        Assert.Equal(5, worst.Count);
        Assert.Equal(("customer 1", "Open", "it hangs"), (worst[0]["key"], worst[0]["state"], worst[0]["reason"]));
        Assert.Equal(pipeline.Clock.GetUtcNow(), worst[0]["since"]);

        foreach (var number in Enumerable.Range(1, 7))
            keys[$"customer {number}"].Reset("it is back");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(pipeline)).Status);
    }

    [Fact]
    public async Task What_keys_mean_is_the_users_choice_and_one_that_an_operator_holds_is_no_worse_than_others()
    {
        await using var pipeline = await StartWithKeysAsync(options => (options.Open, options.Isolated, options.Keys) = (HealthStatus.Unhealthy, HealthStatus.Unhealthy, HealthStatus.Degraded));
        pipeline.Breaker.Keys!["acme"].Isolate("it moves house");
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(pipeline)).Status);
        await using var calm = await StartWithKeysAsync(options => options.Isolated = HealthStatus.Healthy);
        calm.Breaker.Keys!["acme"].Isolate("it moves house");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(calm)).Status);
        calm.Breaker.Keys!["globex"].Trip("test");
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(calm)).Status);
        calm.Breaker.Trip("test");
        Assert.Equal("first is Open: test", (await CheckAsync(calm)).Description);
    }

    [Fact]
    public async Task A_hostile_key_is_one_line_of_the_description()
    {
        await using var pipeline = await StartWithKeysAsync();
        pipeline.Breaker.Keys!["two\nlines \u202E" + new string('x', 10_000)].Trip("test");
        var description = (await CheckAsync(pipeline)).Description!;
        Assert.InRange(description.Length, 60, 300);
        Assert.DoesNotContain(description, letter => char.IsControl(letter) || letter == '\u202E');
    }

    static Task<Pipeline> StartWithKeysAsync(Action<BreakerHealthOptions>? configure = null) => Pipeline.StartAsync(
        Pipeline.Works,
        options => options.PartitionBy<Work>(_ => null),
        services: services => services.AddHealthChecks().AddMessagingBreaker(configure, tags: ["ready"]));

    static Task<Pipeline> StartAsync(Action<BreakerHealthOptions>? configure = null) => Pipeline.StartAsync(
        Pipeline.Works, services: services => services.AddHealthChecks().AddMessagingBreaker(configure, tags: ["ready"]));

    static async Task<HealthReportEntry> CheckAsync(Pipeline pipeline)
    {
        var health = pipeline.Services.GetRequiredService<HealthCheckService>();
        var report = await health.CheckHealthAsync(check => check.Tags.Contains("ready") && check.Name == "breakers", TestContext.Current.CancellationToken);
        return report.Entries["breakers"];
    }
}
