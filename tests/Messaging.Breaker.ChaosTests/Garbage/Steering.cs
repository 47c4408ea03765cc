using Messaging.Breaker.ChaosTests.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.ChaosTests.Garbage;

/// <summary>An operator's host. It joins the fleet, handles no messages and steers all instances.</summary>
static class Steering
{
    static readonly TimeSpan LongestWay = TimeSpan.FromSeconds(60);

    /// <summary>Isolates the payments breaker and resets it. Both must reach every worker.</summary>
    public static async Task TryAsync(Action<MessagingBreakerBuilder> share, BreakerStates states, int workers)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMessagingBreaker(breakers =>
        {
            breakers.Add("payments");
            share(breakers);
        });
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var payments = host.Services.GetRequiredService<IBreakerRegistry>()["payments"];

        payments.Isolate("an operator's word");
        await Eventually.Is(() => states.CountIn(BreakerState.Isolated), count => count == workers, "every worker to be isolated", LongestWay);
        payments.Reset("an operator's word");
        await Eventually.Is(() => states.CountIn(BreakerState.Closed), count => count == workers, "every worker to be reset", LongestWay);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }
}
