using Messaging.Breaker;
using SampleWorkers.Shop;

namespace SampleWorkers.Sharing;

static class StoreRegistration
{
    /// <summary>Longer than the default: a worker that starts in the middle of an outage should wait rather than make it worse.</summary>
    static readonly TimeSpan StartupPatience = TimeSpan.FromSeconds(10);

    /// <summary>The fleet's names on the broker. They outlive the workers, because the next ones may be a deployment.</summary>
    public static IReadOnlyList<string> NamesOnBus(string prefix) => [$"{prefix}.commands", $"{prefix}.state", $"{prefix}.ledger", $"{prefix}.notices"];

    /// <summary>The pattern of the fleet's keys on Redis.</summary>
    public static string KeysOnRedis(string prefix) => $"{{{prefix}}}:*";

    /// <summary>Shops with the same queue prefix are a fleet.</summary>
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
            breakers.ShareOverRedis(store.ToConnectionString(), options =>
            {
                options.KeyPrefix = shop.QueuePrefix ?? options.KeyPrefix;
                options.StartupPatience = StartupPatience;
                options.HoldUntilKnown = shop.HoldUntilKnown;
            });
    }
}
