using Messaging.Breaker.Redis;
using StackExchange.Redis;

namespace Messaging.Breaker.IntegrationTests.Sharing;

public sealed class RedisStateStoreTests(RedisFixture redis) : StateStoreContract, IClassFixture<RedisFixture>
{
    readonly string _prefix = $"test-{Guid.NewGuid():N}";

    [Fact]
    public async Task The_state_expires_when_no_instance_has_asked_for_it_for_long()
    {
        var store = await NewStoreAsync();
        await store.ChangeAsync(State(1), TestContext.Current.CancellationToken);
        await redis.Node.RunAsync("PEXPIRE", $"{{{_prefix}}}:states", 1_000);
        await ReadAsync(store);
        Assert.InRange((long)await redis.Node.RunAsync("PTTL", $"{{{_prefix}}}:states"), 6 * 86_400_000L, 7 * 86_400_000L);
    }

    [Fact]
    public async Task Every_key_begins_with_the_prefix_and_no_lease_stays_behind()
    {
        var store = await NewStoreAsync();
        await store.ChangeAsync(State(1, BreakerState.HalfOpen), TestContext.Current.CancellationToken);
        await store.TryLeaseProbeAsync("payments", 1, "one", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await store.AnnounceAsync("one", [], TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var keys = ((string[])(await redis.Node.RunAsync("KEYS", $"*{_prefix}*"))!).Order(StringComparer.Ordinal);
        Assert.Equal([$"{{{_prefix}}}:instances", $"{{{_prefix}}}:lease:payments", $"{{{_prefix}}}:states"], keys);
        await store.ChangeAsync(State(2), TestContext.Current.CancellationToken);
        Assert.Equal(0, (int)await redis.Node.RunAsync("EXISTS", $"{{{_prefix}}}:lease:payments"));
    }

    [Fact]
    public async Task A_user_with_rights_to_the_prefix_alone_is_enough()
    {
        await redis.Node.RunAsync(
            "ACL", "SETUSER", "worker", "on", ">s3cret:word", $"~{{{_prefix}}}:*", $"&{{{_prefix}}}:*", "+@all", "-@admin", "-@dangerous", "+info");
        await using var store = Store($"redis://worker:{Uri.EscapeDataString("s3cret:word")}@{redis.Node.Address}");
        await store.ChangeAsync(State(1), TestContext.Current.CancellationToken);
        Assert.Equal(1, (await ReadAsync(store)).Version);
        await using var watcher = store.WatchAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await watcher.MoveNextAsync());
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_such_and_not_repeated()
    {
        await using var node = await RedisNode.StartNewAsync();
        await node.RunAsync("CONFIG", "SET", "requirepass", "r1ghtword");
        await using var stranger = Store($"{node.Address},password=wr0ngword");
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => stranger.ReadAsync(["payments"], TestContext.Current.CancellationToken));
        Assert.DoesNotContain("wr0ngword", refusal.ToString(), StringComparison.Ordinal);
        Assert.Contains(node.Address, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost,password=s3cret,nonsense=1")]
    [InlineData("password=s3cret")]
    [InlineData("redis://user:s3cret@")]
    [InlineData("redis://user:s3cret@host:port")]
    public void A_configuration_that_cannot_be_read_is_refused_without_being_repeated(string configuration)
    {
        var refusal = Assert.Throws<ArgumentException>(() => RedisConfiguration.Read(configuration));
        Assert.DoesNotContain("s3cret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_is_read_with_its_user_and_tls()
    {
        var options = RedisConfiguration.Read("rediss://worker:s3cret%3Aword@redis.example:6380");
        Assert.Equal((true, "worker", "s3cret:word"), (options.Ssl, options.User, options.Password));
        Assert.Equal("redis.example:6380", options.EndPoints[0].ToString()!.Split('/')[^1]);
    }

    protected override async ValueTask<IBreakerStateStore> ConnectAsync()
    {
        var store = Store(redis.Node.Address);
        // Before it is connected it refuses what it is asked for, and its subscription has a connection of its own.
        await Infrastructure.Eventually.Is(
            async () =>
            {
                await store.ReadAsync(["payments"], TestContext.Current.CancellationToken);
                await using var watcher = store.WatchAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
                return await watcher.MoveNextAsync();
            },
            hasBegun => hasBegun,
            "the store to be connected");
        return store;
    }

    protected override async Task InterruptAsync()
    {
        await redis.Node.RunAsync("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes");
        await redis.Node.RunAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    }

    RedisStateStore Store(string configuration) =>
        new(RedisConfiguration.Read(configuration), new RedisSharingOptions { KeyPrefix = _prefix }, TimeProvider.System);
}
