using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A crash of the broker that a fleet shares.</summary>
public sealed class BrokerRestartTests : IAsyncLifetime
{
    RabbitMqNode? _node;
    BusFleet? _fleet;

    static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await TestBroker.StartNewAsync(SharingBroker.Config);
        _fleet = new BusFleet(_node);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        if (_node is not null)
            await _node.DisposeAsync();
    }

    [Fact]
    public async Task The_state_survives_a_broker_restart_and_every_watcher_is_told_to_read_again()
    {
        var first = await _fleet!.StartStoreAsync("first");
        var second = await _fleet!.StartStoreAsync("second");
        await RabbitMqNode.SettleAsync();
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var gaps = 0;
        var watcher = WatchAsync();
        await Eventually.Is(() => Volatile.Read(ref gaps) == 1, "the watcher to begin");
        await first.ChangeAsync(States.Of("payments", 1, BreakerState.Open), CancellationToken);
        await second.ChangeAsync(States.Of("payments", 2, BreakerState.HalfOpen), CancellationToken);

        await _node!.KillAsync();
        await _node.StartAsync();

        await Eventually.Is(() => Volatile.Read(ref gaps) >= 2, "the watcher to be told of the gap");
        foreach (var store in (IBreakerStateStore[])[first, second])
        {
            var read = await Eventually.Is(
                () => store.ReadAsync(["payments"], CancellationToken), states => states.Count > 0, "the store to answer again");
            Assert.Equal((2, BreakerState.HalfOpen), (read[0].Version, read[0].State));
        }

        Assert.Equal(3, (await second.ChangeAsync(States.Of("payments", 3, BreakerState.Closed), CancellationToken)).Version);
        await watching.CancelAsync();
        await watcher;

        async Task WatchAsync()
        {
            try
            {
                await foreach (var state in second.WatchAsync(watching.Token))
                {
                    if (state is null)
                        Interlocked.Increment(ref gaps);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
