using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Dashboard.Tests.Support;

/// <summary>Dashboards of instances that share a store.</summary>
static class DashboardFleet
{
    public static Task<TestDashboard> StartAsync(InMemoryFleet store, string instance, TimeSpan? heartbeat = null) => TestDashboard.StartAsync(
        services: services => services.AddMessagingBreaker(breakers => breakers.Share<SharingOptions>(
            (_, _) => store.Connect(), options => (options.InstanceName, options.Heartbeat) = (instance, heartbeat ?? options.Heartbeat))));
}
