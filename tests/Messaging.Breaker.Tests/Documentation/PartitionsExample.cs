using Messaging.Breaker;
using Microsoft.Extensions.Hosting;

namespace OrderService.Webhooks;

public sealed record DeliverWebhook(string CustomerId);

static class PartitionsExample
{
    public static void Add(HostApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers
            .Add("webhooks")
            .PartitionBy<DeliverWebhook>(message => message.CustomerId));
    }

    public static void Steer(IBreakerRegistry breakers)
    {
        var keys = breakers["webhooks"].Keys!;
        foreach (var key in keys.NotClosed)
            Console.WriteLine($"{key.Key} is {key.State}: {key.Reason}; {key.Parked} messages wait");

        keys["acme"].Isolate("customer acme moves house until Monday", TimeSpan.FromDays(3));
    }
}
