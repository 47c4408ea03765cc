using Messaging.Breaker.Redis;
using Messaging.Breaker.Sharing;
using StackExchange.Redis;

namespace Messaging.Breaker.IntegrationTests.Sharing;

public sealed class RedisStateStoreTests(RedisFixture redis) : StateStoreContract, IClassFixture<RedisFixture>
{
    readonly string _prefix = $"test-{Guid.NewGuid():N}";

    [Fact]
    public async Task The_state_expires_only_after_no_instance_has_read_it_for_a_long_time()
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
    public async Task Rights_to_the_keys_and_channels_of_the_prefix_are_enough()
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
    public async Task A_wrong_password_is_reported_with_the_address_but_not_repeated()
    {
        await using var node = await RedisNode.StartNewAsync();
        await node.RunAsync("CONFIG", "SET", "requirepass", "r1ghtword");
        await using var stranger = Store($"{node.Address},password=wr0ngword");
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => stranger.ReadAsync(["payments"], TestContext.Current.CancellationToken));
        Assert.DoesNotContain("wr0ngword", refusal.ToString(), StringComparison.Ordinal);
        Assert.Contains(node.Address, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_Redis_that_does_not_answer()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var store = Store($"{silent.LocalEndpoint},connectTimeout=60000");
        Assert.True(store.DisposeAsync().AsTask().IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("localhost,password=s3cret,nonsense=1")]
    [InlineData("password=s3cret")]
    [InlineData("redis://user:s3cret@")]
    [InlineData("redis://user:s3cret@host:port")]
    [InlineData("redis://user:s3cret@host/three")]
    [InlineData("redis://user:s3cret@host/99999999999")]
    [InlineData("redis://user:s3cret@host/3?ssl=true")]
    public void An_invalid_configuration_is_refused_without_repeating_its_password(string configuration)
    {
        var refusal = Assert.Throws<ArgumentException>(() => RedisConfiguration.Read(configuration));
        Assert.DoesNotContain("s3cret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://user:s3cret@host/3", 3)]
    [InlineData("redis://host", -1)]
    [InlineData("redis://host/", -1)]
    public void The_database_of_an_address_is_used(string configuration, int database) =>
        Assert.Equal(database, RedisConfiguration.Read(configuration).DefaultDatabase ?? -1);

    [Theory]
    [InlineData("9 0 not a state")]
    [InlineData("9 0 null")]
    [InlineData("9223372036854775807 0 {\"breaker\":\"payments\",\"version\":9223372036854775807,\"state\":\"Open\",\"cause\":\"Operator\",\"reason\":\"r\",\"instance\":\"one\"}")]
    [InlineData("9 0 {\"breaker\":\"payments\",\"version\":9,\"state\":99,\"mode\":99,\"cause\":\"Operator\",\"reason\":\"r\",\"instance\":\"one\"}")]
    [InlineData("")]
    public async Task An_unreadable_state_affects_only_its_own_breaker_and_is_overwritten(string held)
    {
        var store = await NewStoreAsync();
        await store.ChangeAsync(State(1) with { Breaker = "orders" }, TestContext.Current.CancellationToken);
        await redis.Node.RunAsync("HSET", $"{{{_prefix}}}:states", "payments", held);

        var read = await store.ReadAsync(["payments", "orders", "unknown"], TestContext.Current.CancellationToken);
        Assert.Equal("orders", Assert.Single(read).Breaker);
        Assert.Equal(4, (await store.ChangeAsync(State(4), TestContext.Current.CancellationToken)).Version);
        Assert.Equal(4, (await ReadAsync(store)).Version);
        Assert.Equal(4, (await store.ChangeAsync(State(9), TestContext.Current.CancellationToken)).Version);
    }

    [Fact]
    public async Task An_unreadable_state_from_a_later_library_version_is_not_overwritten()
    {
        const string held = "9 0 {\"format\":2,\"breaker\":\"payments\",\"version\":9,\"state\":{\"of\":\"two halves\"}}";
        var store = await NewStoreAsync();
        await redis.Node.RunAsync("HSET", $"{{{_prefix}}}:states", "payments", held);
        Assert.Empty(await store.ReadAsync(["payments"], TestContext.Current.CancellationToken));
        Assert.Equal(0, (await store.ChangeAsync(State(4), TestContext.Current.CancellationToken)).Version);
        Assert.Equal(held, (string?)await redis.Node.RunAsync("HGET", $"{{{_prefix}}}:states", "payments"));
    }

    [Fact]
    public async Task Version_numbers_start_again_at_one_after_the_last()
    {
        var store = await NewStoreAsync();
        var last = State(StateCheck.VersionLimit - 1);
        await redis.Node.RunAsync("HSET", $"{{{_prefix}}}:states", "payments", $"{last.Version} 0 {StateFormat.Write(last)}");
        Assert.Equal(1, (await store.ChangeAsync(State(1), TestContext.Current.CancellationToken)).Version);
        Assert.Equal(1, (await ReadAsync(store)).Version);
    }

    [Fact]
    public async Task A_lease_without_an_expiry_counts_as_free()
    {
        var store = await NewStoreAsync();
        await store.ChangeAsync(State(1, BreakerState.HalfOpen), TestContext.Current.CancellationToken);
        await redis.Node.RunAsync("SET", $"{{{_prefix}}}:lease:payments", "garbage");
        Assert.True(await store.TryLeaseProbeAsync("payments", 1, "one", TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken));
        Assert.False(await store.TryLeaseProbeAsync("payments", 1, "two", TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("0 99999999999999999999 payments")]
    [InlineData("0 4102444800000 payments")]
    [InlineData("garbage")]
    [InlineData("")]
    public async Task An_instance_that_claims_to_live_for_ever_is_not_counted(string announced)
    {
        var store = await NewStoreAsync();
        await redis.Node.RunAsync("HSET", $"{{{_prefix}}}:instances", "ghost", announced);
        var census = await store.AnnounceAsync("one", [], TimeSpan.FromMinutes(15), TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (census.Instances, census.Tripped.Count));
    }

    [Fact]
    public async Task A_notice_that_cannot_be_read_does_not_end_the_stream()
    {
        var store = await NewStoreAsync();
        await using var watcher = store.WatchAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await watcher.MoveNextAsync());
        await redis.Node.RunAsync("PUBLISH", $"{{{_prefix}}}:changes", "{\"breaker\":null}");
        Assert.True(await watcher.MoveNextAsync());
        Assert.Null(watcher.Current);
        await store.ChangeAsync(State(1), TestContext.Current.CancellationToken);
        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal(1, watcher.Current!.Version);
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
        // The store refuses calls until it is connected, and its subscription has a separate connection.
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
