using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Whole hosts, as a user starts them.</summary>
[Collection(typeof(SharingBrokerTests))]
public sealed class BusFleetOfHostsTests(SharingBroker broker) : IAsyncDisposable
{
    readonly BusFleet _fleet = new(broker.Node);

    static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task A_change_on_one_host_reaches_all_others_even_one_that_starts_after_all_have_ended()
    {
        using (var one = await StartAsync("one"))
        using (var two = await StartAsync("two"))
        {
            Payments(one).Isolate("the database is moving");
            await Eventually.Is(() => Payments(two).State == BreakerState.Isolated, "the other host to isolate its breaker");
            Payments(two).Reset("it has moved");
            await Eventually.Is(() => Payments(one).State == BreakerState.Closed, "the first host to close its breaker");
            for (var call = 0; call < 20 && Payments(one).State == BreakerState.Closed; call++)
                await Assert.ThrowsAsync<IOException>(async () =>
                    await Payments(one).ExecuteAsync<int>(_ => throw new IOException("refused"), CancellationToken));
            await Eventually.Is(() => Payments(two).State == BreakerState.Open, "the other host's breaker to open");
            await one.StopAsync(CancellationToken);
            await two.StopAsync(CancellationToken);
        }

        using var late = await StartAsync("late");
        Assert.Equal(BreakerState.Open, Payments(late).State);
        await late.StopAsync(CancellationToken);
    }

    static IBreaker Payments(IHost host) => host.Services.GetRequiredService<IBreakerRegistry>()["payments"];

    async Task<IHost> StartAsync(string name)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMessagingBreaker(breakers =>
        {
            breakers.Add("payments", options => options.BreakDuration = options.MaxBreakDuration = TimeSpan.FromHours(1));
            breakers.ShareOverBus(options =>
            {
                options.Address = broker.Node.AmqpAddress;
                options.Prefix = _fleet.Prefix;
                options.InstanceName = name;
                options.StoreTimeout = TimeSpan.FromSeconds(20);
                options.StartupPatience = TimeSpan.FromSeconds(20);
            });
        });
        var host = builder.Build();
        await host.StartAsync(CancellationToken);
        return host;
    }
}
