using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>The broker, which also keeps the fleet's state, crashes while an operator holds the fleet's endpoint.</summary>
public sealed class HoldBrokerLossTests : IAsyncLifetime
{
    RabbitMqNode? _node;

    public async ValueTask InitializeAsync() => _node = await TestBroker.StartNewAsync(SharingBroker.Config);

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_resumes_when_the_broker_is_killed_or_loses_the_state(bool losesState)
    {
        await using var fleet = HoldFleet.OverBus(_node!);
        await fleet.AddAsync(3);
        await RabbitMqNode.SettleAsync();
        await fleet.Workers[0].Endpoints.PauseAsync(fleet.Queue, "migrating");
        await fleet.UntilConsumersAsync(0);
        await fleet.Workers[0].SendAsync(0, 20);

        if (losesState)
        {
            await fleet.Workers[0].OnChannelAsync(channel => channel.QueuePurgeAsync($"{fleet.Queue}-state.state"));
            await _node!.CloseConnectionsAsync();
        }
        else
        {
            await _node!.KillAsync();
            Assert.Equal(HoldOutcome.FleetWhenStoreIsBack, await fleet.Workers[1].Endpoints.PauseAsync(fleet.Queue, "still migrating"));
            await _node.StartAsync();
        }

        await fleet.UntilAllHeldAsync(losesState ? "migrating" : "still migrating");
        await fleet.AssertNobodyConsumesAsync();
        Assert.True((await fleet.AddAsync()).Endpoints.Endpoints[0].Hold is { });
        await fleet.UntilConsumersAsync(0);
        Assert.Equal(0, fleet.Dependency.Handled);

        Assert.Equal(
            HoldOutcome.Fleet,
            await Eventually.Is(() => fleet.Workers[2].Endpoints.ResumeAsync(fleet.Queue), outcome => outcome == HoldOutcome.Fleet, "the whole fleet to accept the resume"));
        await fleet.UntilConsumersAsync(4);
        await fleet.Workers[0].UntilHandledAsync(20);
    }
}
