using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Tests.Sharing;

public sealed class InMemoryFleetTests : StateStoreContract
{
    readonly InMemoryFleet _fleet = new();

    protected override ValueTask<IBreakerStateStore> ConnectAsync() => new(_fleet.Connect());

    protected override Task InterruptAsync()
    {
        _fleet.Interrupt();
        return Task.CompletedTask;
    }
}
