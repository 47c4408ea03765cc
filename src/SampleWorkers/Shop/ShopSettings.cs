using Messaging.Breaker;
using SampleWorkers.Sharing;
using SampleWorkers.Transport;

namespace SampleWorkers.Shop;

sealed record ShopSettings
{
    /// <summary>Null for the in-memory transport.</summary>
    public BrokerAddress? Broker { get; init; }

    public required Uri Payments { get; init; }

    /// <summary>Whether each merchant has its own breaker, because the account of one may be down.</summary>
    public bool ByMerchant { get; init; }

    /// <summary>A second region of payments, to be called while the first is down; null for none.</summary>
    public Uri? SecondPayments { get; init; }

    public required Uri Mail { get; init; }

    public TimeSpan PaymentsTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The prefix of the queues' names; null for none.</summary>
    public string? QueuePrefix { get; init; }

    public QueueType QueueType { get; init; } = QueueType.Classic;

    public int? DeliveryLimit { get; init; }

    /// <summary>Whether only one worker at a time consumes the queue, which keeps its order.</summary>
    public bool SingleActiveConsumer { get; init; }

    public int Prefetch { get; init; } = 32;

    /// <summary>The drill watches its queue itself, and counts every line that is logged.</summary>
    public bool WatchQueues { get; init; }

    /// <summary>Where the state of the breakers is shared; null if it is not.</summary>
    public StoreAddress? Share { get; init; }

    /// <summary>Whether the queues stay held until that store has said that the fleet does not hold them.</summary>
    public bool HoldUntilKnown { get; init; }

    /// <summary>Sets the options of the breaker of each region of payments, by its address.</summary>
    public Action<BreakerOptions, Uri> PaymentsBreaker { get; init; } = static (_, _) => { };

    /// <summary>The regions of payments, the first to be called first, by the names of their breakers.</summary>
    public IReadOnlyList<(string Name, Uri Address)> Regions => SecondPayments is { } second
        ? [(Dependencies.PaymentsEu, Payments), (Dependencies.PaymentsUs, second)]
        : [(Dependencies.Payments, Payments)];
}
