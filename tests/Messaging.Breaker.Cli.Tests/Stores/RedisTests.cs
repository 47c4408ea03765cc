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
        options.Heartbeat = TimeSpan.FromSeconds(1); // An instance that has ended counts for three.
        options.StoreTimeout = options.StartupPatience = TimeSpan.FromSeconds(20);
    });

    [Fact]
    public async Task How_long_the_fleet_keeps_its_state_is_left_as_it_is()
    {
        await using var fleet = await StartAsync("one");
        fleet.Payments[0].Isolate("maintenance");
        await Eventually.Is(async () => (await RunAsync("status")).Out, text => text.Contains("Isolated", StringComparison.Ordinal), "Redis to know");
        await RunAsync("reset", "payments", "-r", "over");
        Assert.InRange((long)await redis.Node.RunAsync("PTTL", $"{{{Prefix}}}:states"), 1, 3 * 3_600_000);
    }

    [Fact]
    public async Task A_password_that_is_wrong_is_told_and_not_repeated()
    {
        await using var node = await RedisNode.StartNewAsync();
        await node.RunAsync("CONFIG", "SET", "requirepass", "the-right-one");
        var address = $"redis://:wr0ng-one@{node.Address}";
        var result = await new Support.Cli().RunAsync("status", "--store", address, "--prefix", Prefix, "--timeout", "20s");
        Assert.True(result.Code == ExitCode.Unauthorised, $"{result}");
        Assert.DoesNotContain("wr0ng", result.Error, StringComparison.Ordinal);
    }
}
