using SampleWorkers.Payments;
using SampleWorkers.Sharing;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

sealed record DrillSettings
{
    /// <summary>Null for the in-memory transport.</summary>
    public BrokerAddress? Broker { get; init; }

    /// <summary>Null for the default port on the broker's host.</summary>
    public Uri? Management { get; init; }

    public QueueType QueueType { get; init; } = QueueType.Classic;

    public int? DeliveryLimit { get; init; }

    /// <summary>One worker at a time consumes the queue, and keeps its order.</summary>
    public bool SingleActiveConsumer { get; init; }

    /// <summary>How many workers there are. If there is more than one, each has its own process.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>The store in which they share the state of their breakers; null if they do not share it.</summary>
    public StoreAddress? Share { get; init; }

    /// <summary>
    /// How many regions of payments there are. The first goes down. A few more orders than <see cref="Messages"/> are placed until it is called
    /// again.
    /// </summary>
    public int Regions { get; init; } = 1;

    public int Messages { get; init; } = 5_000;

    public int Rate { get; init; } = 500;

    public Outage Outage { get; init; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8));

    public PaymentsMode Failure { get; init; } = PaymentsMode.Error;

    /// <summary>
    /// How many orders fail for ever: the first that are placed during the outage, so that they are at the head of the queue after it. A few more
    /// orders than <see cref="Messages"/> are placed until each of these is in the error queue.
    /// </summary>
    public int Poison { get; init; }

    /// <summary>
    /// Whether payments then accepts these orders and they are redriven. In that case every tenth order of the outage is poison: so many at the head
    /// of the queue would be an outage of their own.
    /// </summary>
    public bool Redrive { get; init; }

    /// <summary>Whether payments goes down again in the middle of the redrive.</summary>
    public bool Relapse { get; init; }

    /// <summary>How many merchants the orders belong to in turn, each a key of the breaker; 0 for a breaker that is not split.</summary>
    public int Keys { get; init; }

    /// <summary>How many of the merchants are down in the outage.</summary>
    public int KeysDown { get; init; } = 1;

    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(2);

    public int Prefetch { get; init; } = 32;

    /// <summary>Where the page of the breakers is served during the drill; null for no page.</summary>
    public Uri? Page { get; init; }

    public bool Json { get; init; }

    /// <summary>How many of the orders are placed, slowly, before the clock starts.</summary>
    public int WarmUp => Instances > 1 ? Math.Min(40 * Instances, Messages / 2) : 0;

    public int WarmUpRate => 20 * Instances;

    /// <summary>Twice the break, so that a run of reopens stays bounded.</summary>
    public TimeSpan MaxBreak => 2 * Break;

    /// <summary>With <see cref="PaymentsMode.Slow"/>, the drill tests the slow-call limit, so the client must wait long enough to reach it.</summary>
    public TimeSpan ClientTimeout => TimeSpan.FromSeconds(Failure is PaymentsMode.Slow ? 3 : 1);

    /// <summary>The longest wait after the outage and the last message.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(60) + MaxBreak;
}
