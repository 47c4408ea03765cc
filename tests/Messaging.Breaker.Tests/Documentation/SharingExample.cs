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
            breakers.UseRedis("redis.example:6380,ssl=true,user=worker,password=...", options =>
            {
                options.KeyPrefix = "orders";
                options.TripQuorum = 0.5;
            });
        });
    }
}
