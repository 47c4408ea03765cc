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
    public async Task A_breaker_that_keeps_nothing_from_running_is_healthy()
    {
        await using var pipeline = await StartAsync();
        pipeline.Breaker.Shadow("test");
        pipeline.Breaker.Trip("test");
        Assert.Equal(BreakerState.Open, pipeline.Breaker.State);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(pipeline)).Status);
    }

    static Task<Pipeline> StartAsync(Action<BreakerHealthOptions>? configure = null) => Pipeline.StartAsync(
        Pipeline.Works, services: services => services.AddHealthChecks().AddMessagingBreaker(configure, tags: ["ready"]));

    static async Task<HealthReportEntry> CheckAsync(Pipeline pipeline)
    {
        var health = pipeline.Services.GetRequiredService<HealthCheckService>();
        var report = await health.CheckHealthAsync(check => check.Tags.Contains("ready") && check.Name == "breakers", TestContext.Current.CancellationToken);
        return report.Entries["breakers"];
    }
}
