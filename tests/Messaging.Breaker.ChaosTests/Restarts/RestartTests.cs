using Messaging.Breaker.ChaosTests.Stores;

namespace Messaging.Breaker.ChaosTests.Restarts;

public sealed class RestartTests(OrdinaryBroker broker) : IClassFixture<OrdinaryBroker>
{
    [Theory]
    [InlineData(SharedStore.Redis)]
    [InlineData(SharedStore.Bus)]
    public Task A_worker_that_was_killed_while_open_makes_no_call_before_the_probes_of_its_fleet(SharedStore store) =>
        KillWhileOpenAsync(store, killed: 1);

    [Theory]
    [InlineData(SharedStore.Redis)]
    [InlineData(SharedStore.Bus)]
    public Task Workers_that_were_all_killed_while_open_make_no_call_before_their_probes(SharedStore store) =>
        KillWhileOpenAsync(store, killed: Fleet.Size);

    async Task KillWhileOpenAsync(SharedStore store, int killed)
    {
        await using var fleet = await Fleet.StartAsync(await broker.GetNodeAsync(), store);
        await fleet.BreakPaymentsAsync();
        var before = fleet.Calls.Count;

        await fleet.KillAndStartAgainAsync(killed);
        Assert.Equal(before, fleet.Calls.Count);

        await fleet.MendPaymentsAsync();
        var probing = fleet.Calls.CallersUntilSuccess(since: before);
        Assert.InRange(probing.Count, 1, Fleet.Probes);
        Assert.Single(probing.Distinct());
    }
}
