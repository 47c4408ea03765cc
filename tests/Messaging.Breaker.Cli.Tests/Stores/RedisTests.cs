using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Cli.Tests.Stores;

public sealed class RedisTests(RedisFixture redis) : StoreContract, IClassFixture<RedisFixture>
{
    protected override string Address => $"redis://{redis.Node.Address}";

    protected override void Share(MessagingBreakerBuilder breakers, string instance) => breakers.ShareOverRedis(redis.Node.Address, options =>
    {
        options.KeyPrefix = Prefix;
        options.InstanceName = instance;
        options.StateExpiry = TimeSpan.FromHours(3);
        options.Heartbeat = TimeSpan.FromSeconds(1); // An instance that has ended still counts for three seconds.
        options.StoreTimeout = options.StartupPatience = TimeSpan.FromSeconds(20);
    });

    [Fact]
    public async Task The_command_does_not_change_how_long_the_fleet_keeps_its_state()
    {
        await using var fleet = await StartAsync("one");
        fleet.Payments[0].Isolate("maintenance");
        await Eventually.Is(async () => (await RunAsync("status")).Out, text => text.Contains("Isolated", StringComparison.Ordinal), "Redis to hold the isolation");
        await RunAsync("reset", "payments", "-r", "over");
        Assert.InRange((long)await redis.Node.RunAsync("PTTL", $"{{{Prefix}}}:states"), 1, 3 * 3_600_000);
    }

    [Fact]
    public async Task A_wrong_password_is_reported_without_repeating_it()
    {
        await using var node = await RedisNode.StartNewAsync();
        await node.RunAsync("CONFIG", "SET", "requirepass", "the-right-one");
        var address = $"redis://:wr0ng-one@{node.Address}";
        var result = await new Support.Cli().RunAsync("status", "--store", address, "--prefix", Prefix, "--timeout", "20s");
        Assert.True(result.Code == ExitCode.Unauthorised, $"{result}");
        Assert.DoesNotContain("wr0ng", result.Error, StringComparison.Ordinal);
    }
}
