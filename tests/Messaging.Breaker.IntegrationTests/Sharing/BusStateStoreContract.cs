using System.Globalization;

namespace Messaging.Breaker.IntegrationTests.Sharing;

[Collection(typeof(SharingBrokerTests))]
public sealed class BusStateStoreContract(SharingBroker broker) : StateStoreContract
{
    readonly BusFleet _fleet = new(broker.Node);
    int _instances;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _fleet.DisposeAsync();
    }

    protected override async ValueTask<IBreakerStateStore> ConnectAsync() =>
        await _fleet.StartStoreAsync((++_instances).ToString(CultureInfo.InvariantCulture));

    protected override Task InterruptAsync()
    {
        for (var instance = 1; instance <= _instances; instance++)
            _fleet.Cut(instance.ToString(CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }
}
