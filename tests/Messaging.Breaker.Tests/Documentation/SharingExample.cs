using MassTransit;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Tests.Documentation;

/// <summary>The code of docs/sharing.md, compiled.</summary>
public static class SharingExample
{
    public static void Configure(IHostApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers =>
        {
            breakers.Add("payments");
            breakers.ShareOverRedis("redis.example:6380,ssl=true,user=worker,password=...", options =>
            {
                options.KeyPrefix = "orders";
                options.TripQuorum = 0.5;
            });
        });
    }

    public static void StartPaused(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit, IReceiveEndpointConfigurator endpoint)
    {
        rabbit.UseMessagingBreaker(context, options => options.StartPaused = "green waits for the switch");   // all endpoints of the bus
        endpoint.StartPaused("not before the table is migrated");                                             // or one
    }

    public static async Task HoldAsync(IEndpointRegistry endpoints)
    {
        var outcome = await endpoints.PauseAsync("charge-order", "migrating the table", TimeSpan.FromHours(1), by: "anna");
        Assert.NotEqual(HoldOutcome.HeldByFleet, outcome);
        endpoints.Resume("charge-order");                                                  // on every instance
        endpoints.Pause("charge-order", "this machine is odd", thisInstanceOnly: true);    // as without a store
        endpoints.Resume("charge-order", thisInstanceOnly: true);
    }
}
