using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using OutageDrill.Workers;

namespace OutageDrill.Variants;

/// <summary>Our breaker. The next attempt comes after the drill's break, as with all other variants, and not after a growing one.</summary>
abstract class BreakerVariantBase : MassTransitVariant
{
    const string Dependency = "dependency";

    static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(200);

    public override bool IsOurs => true;

    protected override void ConfigureServices(IServiceCollection services, VariantSettings settings) =>
        services.AddMessagingBreaker(breakers => breakers.Add(Dependency, options =>
        {
            options.BreakDuration = options.MaxBreakDuration = DrillRule.Break;
            if (settings.HasSlowRule)
                (options.SlowCallDuration, options.SlowCallRatio) = (Slow, 0.5);
            ConfigureRule(options);
        }));

    protected override void ConfigureBus(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit) =>
        rabbit.UseMessagingBreaker(context);

    protected override void ConfigureEndpoint(IRabbitMqReceiveEndpointConfigurator endpoint) => endpoint.UseBreaker(Dependency);

    protected virtual void ConfigureRule(BreakerOptions options)
    {
    }
}
