using Messaging.Breaker.IntegrationTests.Sharing;
using Messaging.Breaker.Sharing;
using Messaging.Breaker.Tests.Documentation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.Sharing;

public class SharingOptionsTests
{
    public static TheoryData<string, Action<RedisSharingOptions>> Invalid => new()
    {
        { "InstanceName is ''", options => options.InstanceName = "" },
        { "InstanceName is '   '", options => options.InstanceName = "   " },
        { "InstanceName is 'a b'", options => options.InstanceName = "a\nb" },
        { "KeyPrefix is null", options => options.KeyPrefix = null! },
        { "TripQuorum is 1.5", options => options.TripQuorum = 1.5 },
        { "TripQuorum is NaN", options => options.TripQuorum = double.NaN },
        { "StartupPatience is 01:01:00", options => options.StartupPatience = TimeSpan.FromMinutes(61) },
        { "Heartbeat is 00:00:00", options => options.Heartbeat = TimeSpan.Zero },
        { "ProbeLease is 00:00:00", options => options.ProbeLease = TimeSpan.Zero },
        { "StoreTimeout is 00:00:00", options => options.StoreTimeout = TimeSpan.Zero },
        { "StateExpiry is 00:00:01", options => options.StateExpiry = TimeSpan.FromSeconds(1) },
        { "KeyPrefix is 'a{b'", options => options.KeyPrefix = "a{b" },
    };

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public void An_invalid_option_is_refused_by_name_and_value(string problem, Action<RedisSharingOptions> configure)
    {
        var services = new ServiceCollection();
        var refusal = Assert.Throws<OptionsValidationException>(
            () => services.AddMessagingBreaker(breakers => breakers.ShareOverRedis("localhost", configure)));
        Assert.Contains(problem, Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_store_can_be_chosen()
    {
        var store = new InMemoryFleet();
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddMessagingBreaker(
            breakers => breakers.Share<SharingOptions>((_, _) => store.Connect()).Share<SharingOptions>((_, _) => store.Connect())));
    }

    [Fact]
    public void The_documented_example_is_accepted()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        SharingExample.Configure(builder);
        using var host = builder.Build();
        Assert.Single(host.Services.GetRequiredService<IBreakerRegistry>().Breakers);
    }

    [Fact]
    public void Without_a_store_nothing_is_added_to_the_host()
    {
        var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments"));
        Assert.DoesNotContain(services, service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Namespace == "Messaging.Breaker.Sharing");
        using var provider = services.BuildServiceProvider();
        Assert.False(provider.GetRequiredService<FleetLedger>().IsShared);
    }
}
