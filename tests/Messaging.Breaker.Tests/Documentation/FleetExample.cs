using Messaging.Breaker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace OrderService;

static class FleetExample
{
    public static void OverBus(MessagingBreakerBuilder breakers)
    {
        breakers.ShareOverBus(options => options.Address = new Uri("amqp://worker:password@rabbit/shop"));
    }

    public static void OverRedis(MessagingBreakerBuilder breakers)
    {
        breakers.ShareOverRedis("localhost:6379");
    }

    public static void Sharing(WebApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers =>
        {
            breakers.Add("payments");
            breakers.ShareOverBus(options => options.Address = new Uri("amqp://worker:password@rabbit/shop"));
        });
    }

    public static void SeeAndSteer(WebApplicationBuilder builder, MessagingBreakerBuilder breakers)
    {
        builder.Services.AddMessagingBreakerDashboard();
        builder.Services.AddHealthChecks().AddMessagingBreaker();
        breakers.WatchQueues();
        var app = builder.Build();
        app.MapMessagingBreaker("/breakers");
    }
}
