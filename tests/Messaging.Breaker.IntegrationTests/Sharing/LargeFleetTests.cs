using System.Diagnostics;
using System.Globalization;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Fifty instances, each with its own connection.</summary>
[Collection(typeof(SharingBrokerTests))]
public sealed class LargeFleetTests(SharingBroker broker) : IAsyncDisposable
{
    const int Instances = 50;
    const int Changes = 20;

    readonly BusFleet _fleet = new(broker.Node);

    static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task Every_change_reaches_every_instance_and_announcements_write_nothing()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, Instances).Select(i => _fleet.StartStoreAsync(Name(i))));
        // No store found a queue that existed but did not work yet.
        Assert.Equal(0, _fleet.Disconnections);
        await AnnounceAsync(stores);
        var written = await WrittenAsync();
        await AnnounceAsync(stores);
        Assert.Equal(written, await WrittenAsync());

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var heard = new long[Instances, Changes + 1];
        var watchers = stores.Select((store, i) => WatchAsync(store, i)).ToList();
        await Eventually.Is(() => Enumerable.Range(0, Instances).All(i => Volatile.Read(ref heard[i, 0]) > 0), "every watcher to begin");
        var delays = new List<TimeSpan>();
        for (var version = 1; version <= Changes; version++)
        {
            var told = Stopwatch.GetTimestamp();
            await stores[version].ChangeAsync(States.Of("payments", version, BreakerState.Open), CancellationToken);
            await Eventually.Is(
                () => Enumerable.Range(0, Instances).All(i => Volatile.Read(ref heard[i, version]) > 0), $"all watchers to see version {version}");
            delays.AddRange(Enumerable.Range(0, Instances).Select(i => Stopwatch.GetElapsedTime(told, heard[i, version])));
        }

        delays.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"A change reaches {Instances} instances: median {delays[delays.Count / 2].TotalMilliseconds:0.0} ms, "
            + $"maximum {delays[^1].TotalMilliseconds:0.0} ms of {delays.Count}.");
        await watching.CancelAsync();
        await Task.WhenAll(watchers);

        async Task WatchAsync(IBreakerStateStore store, int instance)
        {
            try
            {
                await foreach (var state in store.WatchAsync(watching.Token))
                    Volatile.Write(ref heard[instance, state?.Version ?? 0], Stopwatch.GetTimestamp());
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    static Task<FleetMembership[]> AnnounceAsync(IBreakerStateStore[] stores) => Task.WhenAll(
        stores.Select((store, i) => store.AnnounceAsync(Name(i), [], TimeSpan.FromHours(1), CancellationToken)));

    static string Name(int instance) => instance.ToString(CultureInfo.InvariantCulture);

    async Task<string?> WrittenAsync()
    {
        var channel = await _fleet.OpenChannelAsync();
        var snapshot = await channel.BasicGetAsync($"{_fleet.Prefix}.state", autoAck: false, CancellationToken);
        await channel.BasicNackAsync(snapshot!.DeliveryTag, multiple: false, requeue: true, CancellationToken);
        return snapshot.BasicProperties.MessageId;
    }
}
