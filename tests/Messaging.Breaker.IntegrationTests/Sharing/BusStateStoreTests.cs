using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.RabbitMq.Sharing;
using Messaging.Breaker.Sharing;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Tests that are specific to this store and not part of the contract of all stores.</summary>
[Collection(typeof(SharingBrokerTests))]
public sealed class BusStateStoreTests(SharingBroker broker) : IAsyncDisposable
{
    readonly BusFleet _fleet = new(broker.Node);

    static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task The_state_outlives_all_instances()
    {
        var first = await _fleet.StartStoreAsync();
        await first.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);
        await first.ChangeAsync(States.Of("orders", 1, BreakerState.Isolated), CancellationToken);
        await first.DisposeAsync();

        var second = _fleet.NewStore();
        var states = await second.ReadAsync(["payments", "orders", "unknown"], CancellationToken);

        Assert.Equal([BreakerState.Open, BreakerState.Isolated], states.Select(state => state.State));
        Assert.All(states, state => Assert.InRange(state.Age, TimeSpan.Zero, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_lease_and_the_census_outlive_the_coordinator()
    {
        var coordinator = await _fleet.StartStoreAsync();
        var other = await _fleet.StartStoreAsync();
        await other.ChangeAsync(States.Of("payments", 1, BreakerState.HalfOpen), CancellationToken);
        Assert.True(await other.TryLeaseProbeAsync("payments", 1, "other", TimeSpan.FromMinutes(1), CancellationToken));
        await other.AnnounceAsync("other", ["payments"], TimeSpan.FromMinutes(1), CancellationToken);

        await coordinator.DisposeAsync();

        var third = await _fleet.StartStoreAsync();
        Assert.False(await third.TryLeaseProbeAsync("payments", 1, "third", TimeSpan.FromMinutes(1), CancellationToken));
        var census = await third.AnnounceAsync("third", [], TimeSpan.FromMinutes(1), CancellationToken);
        Assert.Equal(2, census.Instances);
        Assert.Equal(1, census.Tripped["payments"]);
    }

    [Fact]
    public async Task An_instance_that_ends_is_no_longer_counted_and_its_lease_is_free()
    {
        var leaving = await _fleet.StartStoreAsync();
        var staying = await _fleet.StartStoreAsync();
        await staying.ChangeAsync(States.Of("payments", 1, BreakerState.HalfOpen), CancellationToken);
        await leaving.AnnounceAsync("leaving", ["payments"], TimeSpan.FromHours(1), CancellationToken);
        Assert.True(await leaving.TryLeaseProbeAsync("payments", 1, "leaving", TimeSpan.FromHours(1), CancellationToken));

        await leaving.DisposeAsync();

        Assert.True(await staying.TryLeaseProbeAsync("payments", 1, "staying", TimeSpan.FromHours(1), CancellationToken));
        var census = await staying.AnnounceAsync("staying", [], TimeSpan.FromHours(1), CancellationToken);
        Assert.Equal(1, census.Instances);
        Assert.Empty(census.Tripped);
    }

    [Fact]
    public async Task Messages_that_nobody_understands_do_not_stop_the_coordinator()
    {
        var store = await _fleet.StartStoreAsync();
        var channel = await _fleet.OpenChannelAsync();
        foreach (var nonsense in (string[])["", "{", "null", "[]", "{\"command\":\"of a later version\"}", "{\"command\":\"change\"}", "{\"command\":\"read\",\"breakers\":7}"])
        {
            await channel.BasicPublishAsync("", $"{_fleet.Prefix}.commands", Encoding.UTF8.GetBytes(nonsense), CancellationToken);
            await channel.BasicPublishAsync($"{_fleet.Prefix}.notices", "", Encoding.UTF8.GetBytes(nonsense), CancellationToken);
        }

        var started = Stopwatch.GetTimestamp();
        await store.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);

        Assert.Single(await store.ReadAsync(["payments"], CancellationToken));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), "the coordinator was interrupted");
    }

    [Fact]
    public async Task A_message_as_large_as_the_broker_takes_costs_no_connection()
    {
        const int Mega = 1024 * 1024;
        var store = await _fleet.StartStoreAsync();
        var channel = await _fleet.OpenChannelAsync();
        // From 4.0 on, a broker accepts at most 16 MB.
        var body = new byte[await broker.Node.GetVersionAsync() >= new Version(4, 0) ? 15 * Mega : 100 * Mega];
        await channel.BasicPublishAsync("", $"{_fleet.Prefix}.commands", body, CancellationToken);
        await channel.BasicPublishAsync($"{_fleet.Prefix}.notices", "", body, CancellationToken);
        await store.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);
        Assert.Equal(0, _fleet.Disconnections);

        await channel.BasicPublishAsync("", $"{_fleet.Prefix}.state", body, CancellationToken);
        await store.ChangeAsync(States.Of("payments", 2, BreakerState.HalfOpen), CancellationToken);

        var state = Assert.Single(await store.ReadAsync(["payments"], CancellationToken));
        Assert.Equal((2, BreakerState.HalfOpen), (state.Version, state.State));
    }

    [Fact]
    public async Task A_forged_notice_does_not_hide_later_changes()
    {
        var store = await _fleet.StartStoreAsync();
        await using var watcher = store.WatchAsync(CancellationToken).GetAsyncEnumerator(CancellationToken);
        Assert.Null(await NextAsync(watcher));
        var channel = await _fleet.OpenChannelAsync();
        var forged = new Notice([States.Of("payments", StateCheck.VersionLimit - 1, BreakerState.Closed, "nobody")], false);
        await channel.BasicPublishAsync($"{_fleet.Prefix}.notices", "", JsonSerializer.SerializeToUtf8Bytes(forged, MessageFormat.Default.Notice), CancellationToken);
        Assert.Equal("nobody", (await NextAsync(watcher))?.Instance);

        await store.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);

        // The previous notice did not come from the coordinator, so the watcher is told to read the state.
        Assert.Null(await NextAsync(watcher));
        Assert.Equal((1, "tester"), await NextAsync(watcher) is { } told ? (told.Version, told.Instance) : default);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-7")]
    public async Task A_snapshot_with_an_impossible_revision_is_still_used(string revision)
    {
        var first = await _fleet.StartStoreAsync();
        await first.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);
        await first.DisposeAsync();
        var channel = await _fleet.OpenChannelAsync();
        var snapshot = await Eventually.Is<BasicGetResult?>(
            () => channel.BasicGetAsync($"{_fleet.Prefix}.state", autoAck: true, CancellationToken), found => found is not null, "the snapshot to be in its queue");
        var spoilt = Regex.Replace(Encoding.UTF8.GetString(snapshot!.Body.Span), "\"revision\":[0-9]+", $"\"revision\":{revision}");
        await channel.BasicPublishAsync("", $"{_fleet.Prefix}.state", Encoding.UTF8.GetBytes(spoilt), CancellationToken);

        var second = await _fleet.StartStoreAsync();

        Assert.Equal(BreakerState.Open, Assert.Single(await second.ReadAsync(["payments"], CancellationToken)).State);
    }

    [Fact]
    public async Task A_coordinator_that_has_been_replaced_without_knowing_it_cannot_write()
    {
        var store = await _fleet.StartStoreAsync();
        await store.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);
        var channel = await _fleet.OpenChannelAsync();
        var snapshot = (await channel.BasicGetAsync($"{_fleet.Prefix}.state", autoAck: true, CancellationToken))!;
        var newer = Encoding.UTF8.GetString(snapshot.Body.Span)
            .Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal)
            .Replace("\"revision\":", "\"revision\":9", StringComparison.Ordinal);
        await channel.BasicPublishAsync(
            "", $"{_fleet.Prefix}.state", mandatory: true, new BasicProperties { MessageId = "another coordinator's" }, Encoding.UTF8.GetBytes(newer), CancellationToken);

        var holds = await store.ChangeAsync(States.Of("payments", 2, BreakerState.Closed), CancellationToken);

        Assert.Equal((2, BreakerState.Open), (holds.Version, holds.State));
    }

    [Fact]
    public async Task An_unreachable_broker_is_reported_at_once_without_the_password()
    {
        var store = _fleet.NewStore(configure: options => options.Address = new Uri("amqp://worker:s3cret@127.0.0.1:1/"));

        var exception = await Assert.ThrowsAsync<IOException>(() => store.ReadAsync(["payments"], CancellationToken));

        Assert.StartsWith("RabbitMQ at 127.0.0.1:1 is out of reach: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_are_reported_without_the_password()
    {
        var store = _fleet.NewStore(configure: options =>
            options.Address = new UriBuilder(broker.Node.AmqpAddress) { UserName = "worker", Password = "s3cret" }.Uri);

        var exception = await Assert.ThrowsAsync<IOException>(() => store.ReadAsync(["payments"], CancellationToken));

        Assert.Contains("ACCESS_REFUSED", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_costs_the_timeout_of_the_store()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var store = _fleet.NewStore(configure: options =>
        {
            options.Address = new Uri($"amqp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/");
            options.StoreTimeout = TimeSpan.FromMilliseconds(200);
        });

        await Assert.ThrowsAsync<TimeoutException>(() => store.ReadAsync(["payments"], CancellationToken));
        // A call that still waits for the broker ends when the store is disposed of.
        var waiting = store.ReadAsync(["payments"], CancellationToken);
        await store.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ReadAsync(["payments"], CancellationToken));
    }

    static async Task<SharedBreakerState?> NextAsync(IAsyncEnumerator<SharedBreakerState?> watcher)
    {
        Assert.True(await watcher.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), CancellationToken), "the stream of changes ended");
        return watcher.Current;
    }
}
