using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Configuration;

public class StartPausedTests
{
    [Fact]
    public async Task An_endpoint_that_starts_paused_handles_nothing_until_it_is_resumed()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, endpoint: endpoint => endpoint.StartPaused("not before noon"));
        await pipeline.SendAsync(0, 5);
        var endpoint = pipeline.Endpoints.Endpoints[0];
        Assert.Equal((EndpointState.Paused, "not before noon", "StartPaused"), (endpoint.State, endpoint.Hold?.Reason, endpoint.Hold?.By));
        Assert.Empty(pipeline.Calls);
        pipeline.Endpoints.Resume(Pipeline.Queue);
        await Eventually.Is(() => pipeline.Handled == 5, "the messages to be handled");
        Assert.Null(pipeline.Endpoints.Endpoints[0].Hold);
    }

    [Theory]
    [InlineData("Breakers:StartPaused", "true", "Breakers:StartPaused is set in the configuration")]
    [InlineData("Breakers:StartPaused", "green waits", "green waits")]
    [InlineData("Breakers:StartPaused", "false", null)]
    [InlineData("Breakers:StartPaused:work", "green waits", "green waits")]
    [InlineData("Breakers:StartPaused:WORK", "false", null)]
    [InlineData("Breakers:StartPaused:other", "true", "said in code")]
    [InlineData("Breakers:other:BreakDuration", "00:00:07", "said in code")]
    public async Task Configuration_takes_precedence_over_code(string key, string value, string? reason)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build();
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Works,
            services: services => services.AddSingleton<IConfiguration>(configuration),
            endpoint: endpoint => endpoint.StartPaused("said in code"));
        Assert.Equal(reason, pipeline.Endpoints.Endpoints[0].Hold?.Reason);
        Assert.False(pipeline.Breakers.TryGet("StartPaused", out _));
    }

    [Fact]
    public async Task A_setting_for_one_endpoint_takes_precedence_over_the_setting_for_all()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Breakers:StartPaused"] = "true", ["Breakers:StartPaused:work"] = "false" }).Build();
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, services: services => services.AddSingleton<IConfiguration>(configuration));
        Assert.Null(pipeline.Endpoints.Endpoints[0].Hold);
    }

    [Fact]
    public void No_breaker_has_the_name_of_the_option() => Assert.Contains(
        "an option of the worker",
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("startpaused"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_blank_reason_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Pipeline.StartAsync(Pipeline.Works, endpoint: endpoint => endpoint.StartPaused(" ")));
}
