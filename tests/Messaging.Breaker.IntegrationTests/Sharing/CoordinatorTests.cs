using System.Collections.Concurrent;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>The coordinator dies again and again in the middle of its work.</summary>
[Collection(typeof(SharingBrokerTests))]
public sealed class CoordinatorTests(SharingBroker broker) : IAsyncDisposable
{
    const int Versions = 120;
    const int ChangesPerCoordinator = 15;

    static readonly string[] Names = ["a", "b", "c", "d"];

    readonly BusFleet _fleet = new(broker.Node);

    static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task No_version_is_given_twice_or_skipped_while_coordinators_die()
    {
        var stores = new List<IBreakerStateStore>();
        foreach (var name in Names)
            stores.Add(await _fleet.StartStoreAsync(name));
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var seen = stores.ConvertAll(_ => new ConcurrentQueue<long?>());
        var watchers = stores.Select((store, i) => WatchAsync(store, seen[i], watching.Token)).ToList();
        await Eventually.Is(() => seen.TrueForAll(versions => !versions.IsEmpty), "every watcher to begin");
        var given = new ConcurrentBag<(long Version, string Instance)>();
        var told = await _fleet.ListenAsync();
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);

        var writers = Task.WhenAll(stores.Select((store, i) => WriteAsync(store, Names[i], given, writing.Token)));
        while (given.Count < Versions && !writers.IsCompleted)
        {
            var (coordinators, count) = (_fleet.Coordinators, given.Count);
            await Eventually.Is(() => given.Count >= count + ChangesPerCoordinator, "the coordinator to give more versions");
            _fleet.Cut(_fleet.Coordinator);
            await Eventually.Is(() => _fleet.Coordinators > coordinators, "another coordinator to take over");
        }

        await writing.CancelAsync();
        await writers;
        var last = Assert.Single(await stores[0].ReadAsync(["payments"], CancellationToken));
        await Eventually.Is(() => told.Contains((last.Version, last.Instance)), "the last version to be published");
        Assert.Equal(Enumerable.Range(1, (int)last.Version).Select(version => (long)version), told.Select(change => change.Version).Distinct());
        Assert.Equal(last.Version, told.Distinct().Count());
        // Not every version was given: if the answer was lost and the version was replaced before the retry, the retry gets its successor.
        Assert.Equal(given.Count, given.Distinct().Intersect(told).Count());
        foreach (var versions in seen)
        {
            await Eventually.Is(() => versions.Contains(last.Version) || versions.Last() is null, "every watcher to see the last version");
            AssertInOrder([.. versions]);
        }

        await watching.CancelAsync();
        await Task.WhenAll(watchers);
    }

    [Fact]
    public async Task A_store_reconnects_by_itself_and_says_that_it_may_have_missed_something()
    {
        var staying = await _fleet.StartStoreAsync("staying");
        var cut = await _fleet.StartStoreAsync("cut");
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var seen = new ConcurrentQueue<long?>();
        var watcher = WatchAsync(cut, seen, watching.Token);
        await Eventually.Is(() => seen.Count == 1, "the watcher to begin");

        _fleet.Cut("cut");
        await staying.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);

        await Eventually.Is(() => seen.Count(version => version is null) == 2, "the watcher to be told of the gap");
        Assert.Single(await cut.ReadAsync(["payments"], CancellationToken));
        await staying.ChangeAsync(States.Of("payments", 2, BreakerState.HalfOpen), CancellationToken);
        await Eventually.Is(() => seen.LastOrDefault() == 2, "the watcher to see the next change");
        await watching.CancelAsync();
        await watcher;
    }

    static async Task WatchAsync(IBreakerStateStore store, ConcurrentQueue<long?> seen, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var state in store.WatchAsync(cancellationToken))
                seen.Enqueue(state?.Version);
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    /// <summary>Makes changes as fast as it can, in competition with the others, and records the versions that it was given.</summary>
    static async Task WriteAsync(
        IBreakerStateStore store, string name, ConcurrentBag<(long Version, string Instance)> given, CancellationToken enough)
    {
        long known = 0;
        while (!enough.IsCancellationRequested)
        {
            var holds = await store.ChangeAsync(States.Of("payments", known + 1, BreakerState.Open, name), CancellationToken);
            if (holds.Version == known + 1 && holds.Instance == name)
                given.Add((holds.Version, name));
            known = holds.Version;
        }
    }

    static void AssertInOrder(List<long?> versions)
    {
        for (var i = 1; i < versions.Count; i++)
        {
            if (versions[i - 1] is { } before && versions[i] is { } after)
                Assert.Equal(before + 1, after);
        }

        var told = versions.OfType<long>().ToList();
        Assert.Equal(told.Order(), told);
    }
}
