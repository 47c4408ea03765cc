using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using OutageDrill.Workers;

namespace OutageDrill.Variants.BreakerFleet;

/// <summary>Five instances that share one verdict through the broker itself, and divide the prefetch among them.</summary>
sealed class BreakerFleetVariant : BreakerVariantBase
{
    public override string Id => "breaker-fleet";

    public override string Title => "Messaging.Breaker, five instances";

    public override int Instances => 5;

    public override bool IsRanked => false;

    public override IReadOnlyList<string> FleetQueues(string queue) => [$"{queue}.commands", $"{queue}.state", $"{queue}.notices"];

    protected override void ConfigureServices(IServiceCollection services, VariantSettings settings)
    {
        base.ConfigureServices(services, settings);
        services.AddMessagingBreaker(breakers => breakers.ShareOverBus(options => (options.Address, options.Prefix) = (settings.Broker, settings.Queue)));
    }
}
