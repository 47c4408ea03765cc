using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.Hosting;

namespace OrderService;

static class MigratingExample
{
    public static void KillSwitch(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        rabbit.UseKillSwitch(options => options
            .SetActivationThreshold(10)
            .SetTripThreshold(0.15)
            .SetRestartTimeout(m: 1));
        rabbit.ConfigureEndpoints(context);
    }

    public static void Breaker(HostApplicationBuilder builder, IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments", options =>
        {
            options.MinimumThroughput = 10;
            options.FailureRatio = 0.15;
            options.BreakDuration = TimeSpan.FromMinutes(1);
        }));

        rabbit.UseMessagingBreaker(context);
        rabbit.ConfigureEndpoints(context);
    }

    public static void CircuitBreaker(IReceiveEndpointConfigurator endpoint) =>
        endpoint.UseCircuitBreaker(options =>
        {
            options.TrackingPeriod = TimeSpan.FromMinutes(1);
            options.TripThreshold = 15;
            options.ActiveThreshold = 10;
            options.ResetInterval = TimeSpan.FromMinutes(5);
        });

    public static void UseBreaker(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.UseBreaker("payments");
    }
}
