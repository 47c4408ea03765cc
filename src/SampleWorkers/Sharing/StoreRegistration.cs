using Messaging.Breaker;
using SampleWorkers.Shop;

namespace SampleWorkers.Sharing;

static class StoreRegistration
{
    /// <summary>Longer than the default: a worker that starts in the middle of an outage had better wait than make it worse.</summary>
    static readonly TimeSpan StartupPatience = TimeSpan.FromSeconds(10);

    /// <summary>What such a fleet has on the broker: it outlives the workers, since the next ones may be a deployment.</summary>
    public static IReadOnlyList<string> NamesOnBus(string prefix) => [$"{prefix}.commands", $"{prefix}.state", $"{prefix}.ledger", $"{prefix}.notices"];

    /// <summary>The pattern of the keys that such a fleet has on Redis.</summary>
    public static string KeysOnRedis(string prefix) => $"{{{prefix}}}:*";

    /// <summary>Shops with the same prefix of their queues are a fleet.</summary>
    public static void ShareAt(this MessagingBreakerBuilder breakers, StoreAddress store, ShopSettings shop)
    {
        if (store.IsBus)
            breakers.ShareOverBus(options =>
            {
                options.Address = new Uri(shop.Broker!.ToConnectionString());
                options.Prefix = shop.QueuePrefix ?? options.Prefix;
                options.StartupPatience = StartupPatience;
                options.HoldUntilKnown = shop.HoldUntilKnown;
            });
        else
            breakers.UseRedis(store.ToConnectionString(), options =>
            {
                options.KeyPrefix = shop.QueuePrefix ?? options.KeyPrefix;
                options.StartupPatience = StartupPatience;
                options.HoldUntilKnown = shop.HoldUntilKnown;
            });
    }
}
