namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>What every store must do. Each test has its own fleet and opens one connection for each instance.</summary>
public abstract class StateStoreContract : IAsyncLifetime
{
    static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    readonly List<IBreakerStateStore> _stores = [];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync() => default;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Another_instance_can_read_an_entry_and_replace_it_by_its_id()
    {
        var (one, two) = ((ISharedLedger)await NewStoreAsync(), (ISharedLedger)await NewStoreAsync());
        Assert.Empty(await two.ReadAsync("runs", Cancellation));
        await one.PutAsync("runs", "a", """{"by":"Zoë\n\"x\" 100 %"}""", Cancellation);
        await one.PutAsync("runs", "b", "second", Cancellation);
        await one.PutAsync("trips", "a", "another list", Cancellation);
        await two.PutAsync("runs", "b", "third", Cancellation);

        var read = await two.ReadAsync("runs", Cancellation);
        Assert.Equal([("a", """{"by":"Zoë\n\"x\" 100 %"}"""), ("b", "third")], read.OrderBy(entry => entry.Id).Select(entry => (entry.Id, entry.Text)));
        Assert.All(read, entry => Assert.InRange(entry.Age, TimeSpan.Zero, Long));
        Assert.Equal("another list", Assert.Single(await one.ReadAsync("trips", Cancellation)).Text);
    }

    [Fact]
    public async Task A_list_keeps_only_its_latest_entries()
    {
        var store = (ISharedLedger)await NewStoreAsync();
        for (var number = 0; number < 230; number++)
            await store.PutAsync("runs", $"{number}", new string('x', 1_000), Cancellation);
        var kept = (await store.ReadAsync("runs", Cancellation)).Select(entry => int.Parse(entry.Id, System.Globalization.CultureInfo.InvariantCulture)).Order().ToList();
        Assert.Equal(200, kept.Count);
        // Redis counts in milliseconds, so it may drop any of the entries that were put within the same millisecond.
        Assert.InRange(kept[0], 15, 30);
        Assert.Equal(229, kept[^1]);
    }

    [Fact]
    public async Task Nothing_is_known_of_a_breaker_that_has_never_changed()
    {
        var store = await NewStoreAsync();
        Assert.Empty(await store.ReadAsync(["payments"], Cancellation));
    }

    [Fact]
    public async Task A_state_can_be_read_by_another_instance()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        var written = State(1, BreakerState.Isolated) with
        {
            Mode = BreakerMode.Shadow,
            Cause = TransitionCause.Operator,
            Reason = "maintenance: \"é\" 100 %\nuntil noon",
            Length = TimeSpan.FromSeconds(12.345),
        };
        Assert.Equal(written, await one.ChangeAsync(written, Cancellation) with { Age = default });
        Assert.Equal(written, await ReadAsync(two) with { Age = default });
        Assert.Equal(written, await ReadAsync(one) with { Age = default });
    }

    [Fact]
    public async Task A_hold_is_stored_and_announced_with_the_name_of_who_ordered_it()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await using var watcher = two.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Null(await NextAsync(watcher));
        var written = State(1, BreakerState.Isolated) with { Breaker = "hold:orders/eu:1 %", Cause = TransitionCause.Operator, By = "Zoë \"Z\" 100 %", Length = null };
        Assert.Equal(written, await one.ChangeAsync(written, Cancellation) with { Age = default });
        Assert.Equal(written, Assert.Single(await two.ReadAsync(["hold:orders/eu:1 %"], Cancellation)) with { Age = default });
        Assert.Equal(written, await NextAsync(watcher) is { } told ? told with { Age = default } : null);
    }

    [Fact]
    public async Task A_state_without_length_or_mode_stays_without()
    {
        var store = await NewStoreAsync();
        var written = State(1, BreakerState.Closed) with { Length = null, Mode = null };
        await store.ChangeAsync(written, Cancellation);
        Assert.Equal(written, await ReadAsync(store) with { Age = default });
    }

    [Fact]
    public async Task Unknown_fields_from_a_later_library_version_are_preserved()
    {
        using var colour = System.Text.Json.JsonDocument.Parse("""["red"]""");
        var later = new Messaging.Breaker.Sharing.UnknownFields(7, [KeyValuePair.Create("colour", colour.RootElement.Clone())]);
        var store = await NewStoreAsync();
        await store.ChangeAsync(State(1) with { Later = later }, Cancellation);
        await store.ChangeAsync(State(2) with { Later = (await ReadAsync(store)).Later }, Cancellation);
        var read = (await ReadAsync(store)).Later!;
        Assert.Equal((7, "colour", """["red"]"""), (read.Format, Assert.Single(read.Fields).Key, read.Fields[0].Value.GetRawText()));
    }

    [Fact]
    public async Task Several_breakers_are_read_at_once_and_unknown_ones_left_out()
    {
        var store = await NewStoreAsync();
        await store.ChangeAsync(State(1), Cancellation);
        await store.ChangeAsync(State(1) with { Breaker = "email" }, Cancellation);
        var read = await store.ReadAsync(["payments", "unknown", "email"], Cancellation);
        Assert.Equal(["email", "payments"], read.Select(state => state.Breaker).Order());
    }

    [Fact]
    public async Task A_change_based_on_an_outdated_version_is_answered_with_the_current_state()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await one.ChangeAsync(State(1, instance: "one"), Cancellation);
        var held = await two.ChangeAsync(State(1, BreakerState.Isolated, "two"), Cancellation);
        Assert.Equal((1, BreakerState.Open, "one"), (held.Version, held.State, held.Instance));
        held = await two.ChangeAsync(State(3, BreakerState.Isolated, "two"), Cancellation);
        Assert.Equal((1, "one"), (held.Version, held.Instance));
        held = await two.ChangeAsync(State(2, BreakerState.Isolated, "two"), Cancellation);
        Assert.Equal((2, "two"), (held.Version, held.Instance));
        Assert.Equal((2, "two"), (await ReadAsync(one)) is var read ? (read.Version, read.Instance) : default);
    }

    [Fact]
    public async Task A_change_based_on_what_the_store_has_forgotten_learns_that_nothing_is_known()
    {
        var store = await NewStoreAsync();
        Assert.Equal(0, (await store.ChangeAsync(State(7), Cancellation)).Version);
        Assert.Empty(await store.ReadAsync(["payments"], Cancellation));
    }

    [Fact]
    public async Task If_many_changes_compete_for_one_version_one_wins_and_all_learn_which()
    {
        var stores = new List<IBreakerStateStore>();
        for (var instance = 0; instance < 8; instance++)
            stores.Add(await NewStoreAsync());
        var held = await Task.WhenAll(stores.Select((store, index) => store.ChangeAsync(State(1, instance: $"i{index}"), Cancellation)));
        Assert.Single(held.Select(state => state.Instance).Distinct());
        Assert.All(held, state => Assert.Equal(1, state.Version));
    }

    [Fact]
    public async Task The_age_of_a_state_grows_by_the_stores_clock()
    {
        var store = await NewStoreAsync();
        var written = await store.ChangeAsync(State(1) with { Age = Long }, Cancellation);
        Assert.InRange(written.Age, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        var aged = await Infrastructure.Eventually.Is(() => ReadAsync(store), read => read.Age >= Short, "the state to grow older");
        Assert.InRange(aged.Age, Short, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task One_instance_holds_the_lease_until_it_expires()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await one.ChangeAsync(State(1, BreakerState.HalfOpen), Cancellation);
        Assert.True(await one.TryLeaseProbeAsync("payments", 1, "one", Short, Cancellation));
        Assert.False(await two.TryLeaseProbeAsync("payments", 1, "two", Short, Cancellation));
        await Infrastructure.Eventually.Is(
            () => two.TryLeaseProbeAsync("payments", 1, "two", Long, Cancellation), leased => leased, "the lease to expire");
        Assert.False(await one.TryLeaseProbeAsync("payments", 1, "one", Long, Cancellation));
    }

    [Fact]
    public async Task The_holder_prolongs_the_lease()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await one.ChangeAsync(State(1, BreakerState.HalfOpen), Cancellation);
        Assert.True(await one.TryLeaseProbeAsync("payments", 1, "one", Short, Cancellation));
        Assert.True(await one.TryLeaseProbeAsync("payments", 1, "one", Long, Cancellation));
        await Infrastructure.Eventually.Is(() => ReadAsync(one), state => state.Age > 2 * Short, "the first length to have passed");
        Assert.False(await two.TryLeaseProbeAsync("payments", 1, "two", Short, Cancellation));
    }

    [Fact]
    public async Task A_lease_is_for_one_version_and_ends_with_it()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        Assert.False(await one.TryLeaseProbeAsync("payments", 1, "one", Long, Cancellation));
        await one.ChangeAsync(State(1, BreakerState.HalfOpen), Cancellation);
        Assert.False(await one.TryLeaseProbeAsync("payments", 2, "one", Long, Cancellation));
        Assert.True(await one.TryLeaseProbeAsync("payments", 1, "one", Long, Cancellation));
        await two.ChangeAsync(State(2, BreakerState.HalfOpen, "two"), Cancellation);
        Assert.False(await one.TryLeaseProbeAsync("payments", 1, "one", Long, Cancellation));
        Assert.True(await two.TryLeaseProbeAsync("payments", 2, "two", Long, Cancellation));
    }

    [Fact]
    public async Task Breakers_have_leases_of_their_own()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await one.ChangeAsync(State(1, BreakerState.HalfOpen), Cancellation);
        await one.ChangeAsync(State(1, BreakerState.HalfOpen) with { Breaker = "email" }, Cancellation);
        Assert.True(await one.TryLeaseProbeAsync("payments", 1, "one", Long, Cancellation));
        Assert.True(await two.TryLeaseProbeAsync("email", 1, "two", Long, Cancellation));
    }

    [Fact]
    public async Task The_census_counts_live_instances_and_their_tripped_breakers()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        var census = await one.AnnounceAsync("one", ["payments", "email"], Long, Cancellation);
        Assert.Equal((1, 1), (census.Instances, census.Tripped["payments"]));
        census = await CensusAsync(two, "two", ["payments"], found => found is { Instances: 2 });
        Assert.Equal((2, 1), (census.Tripped["payments"], census.Tripped["email"]));
        census = await one.AnnounceAsync("one", [], Long, Cancellation);
        Assert.Equal((2, 1, 0), (census.Instances, census.Tripped["payments"], census.Tripped.GetValueOrDefault("email")));
    }

    [Fact]
    public async Task An_instance_that_falls_silent_is_no_longer_counted()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await one.AnnounceAsync("one", ["payments"], Short, Cancellation);
        await CensusAsync(two, "two", [], found => found.Instances == 2);
        var census = await CensusAsync(two, "two", [], found => found.Instances == 1);
        Assert.Equal(0, census.Tripped.GetValueOrDefault("payments"));
    }

    [Fact]
    public async Task A_watcher_is_first_told_to_read_and_then_gets_every_change_in_order()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await one.ChangeAsync(State(1), Cancellation);
        await using var watcher = two.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Null(await NextAsync(watcher));
        var written = new List<SharedBreakerState>();
        for (var version = 2; version <= 20; version++)
        {
            written.Add(State(version, version % 2 == 0 ? BreakerState.Closed : BreakerState.Open, $"one{version}"));
            await one.ChangeAsync(written[^1], Cancellation);
        }

        var heard = new List<SharedBreakerState?> { await NextAsync(watcher) };
        // A change from before the watch began may still arrive.
        if (heard[0] is { Version: 1 })
            heard.Clear();
        while (heard.Count < written.Count)
            heard.Add(await NextAsync(watcher));
        Assert.Equal(written, heard.Select(state => state is null ? null : state with { Age = default }));
    }

    [Fact]
    public async Task A_change_that_lost_is_not_announced()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await using var watcher = two.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Null(await NextAsync(watcher));
        await one.ChangeAsync(State(1, instance: "one"), Cancellation);
        await one.ChangeAsync(State(1, instance: "late"), Cancellation);
        await one.ChangeAsync(State(2, instance: "one"), Cancellation);
        Assert.Equal(1, (await NextAsync(watcher))?.Version);
        Assert.Equal(2, (await NextAsync(watcher))?.Version);
    }

    [Fact]
    public async Task A_watcher_that_may_have_missed_something_is_told_to_read()
    {
        var (one, two) = (await NewStoreAsync(), await NewStoreAsync());
        await using var watcher = two.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Null(await NextAsync(watcher));
        await InterruptAsync();
        Assert.Null(await NextAsync(watcher));
        await Infrastructure.Eventually.Is(() => one.ChangeAsync(State(1), Cancellation), held => held.Version == 1, "the store to accept a change again");
        while (await NextAsync(watcher) is not { Version: 1 })
        {
            // It may be told to read more than once.
        }
    }

    /// <summary>Opens the store as another instance of this test's fleet.</summary>
    protected abstract ValueTask<IBreakerStateStore> ConnectAsync();

    /// <summary>Breaks every connection to the store. Afterwards the store is available again.</summary>
    protected abstract Task InterruptAsync();

    protected static SharedBreakerState State(long version, BreakerState state = BreakerState.Open, string instance = "one") => new()
    {
        Breaker = "payments",
        Version = version,
        State = state,
        Cause = TransitionCause.ConsecutiveFailures,
        Reason = "10 failures in a row",
        Instance = instance,
        Length = TimeSpan.FromSeconds(5),
        Age = TimeSpan.Zero,
    };

    protected static async Task<SharedBreakerState> ReadAsync(IBreakerStateStore store) =>
        Assert.Single(await store.ReadAsync(["payments"], Cancellation));

    protected async Task<IBreakerStateStore> NewStoreAsync()
    {
        var store = await ConnectAsync();
        _stores.Add(store);
        return store;
    }

    /// <summary>Waits for the wanted census. It need not be exact at once, because a new instance may be seen a little later.</summary>
    static Task<FleetMembership> CensusAsync(IBreakerStateStore store, string instance, string[] tripped, Func<FleetMembership, bool> wanted) =>
        Infrastructure.Eventually.Is(() => store.AnnounceAsync(instance, tripped, Long, Cancellation), wanted, "the census to be right");

    static async Task<SharedBreakerState?> NextAsync(IAsyncEnumerator<SharedBreakerState?> watcher)
    {
        Assert.True(await watcher.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation), "the stream of changes ended");
        return watcher.Current;
    }
}
