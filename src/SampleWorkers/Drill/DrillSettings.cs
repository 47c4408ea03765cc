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

    /// <summary>How many workers there are. More than one are processes of their own.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Where they share the state of their breakers; null for nowhere.</summary>
    public StoreAddress? Share { get; init; }

    /// <summary>How many regions of payments there are. The first goes down. A few orders more than <see cref="Messages"/> are placed until it is called again.</summary>
    public int Regions { get; init; } = 1;

    public int Messages { get; init; } = 5_000;

    public int Rate { get; init; } = 500;

    public Outage Outage { get; init; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8));

    public PaymentsMode Failure { get; init; } = PaymentsMode.Error;

    /// <summary>
    /// How many orders fail for ever: the first that are placed during the outage, so that they are at the head of the queue after it. A few
    /// orders more than <see cref="Messages"/> are placed until each of these is in the error queue.
    /// </summary>
    public int Poison { get; init; }

    /// <summary>
    /// Whether payments then learns to accept them, and they are redriven. In that case every tenth order of the outage is poison: so many at the head
    /// of the queue would be an outage of their own.
    /// </summary>
    public bool Redrive { get; init; }

    /// <summary>Whether payments goes down again in the middle of that.</summary>
    public bool Relapse { get; init; }

    /// <summary>How many merchants the orders belong to in turn, each a key of the breaker; 0 for a breaker that is not split.</summary>
    public int Keys { get; init; }

    /// <summary>How many of them are down in the outage.</summary>
    public int KeysDown { get; init; } = 1;

    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(2);

    public int Prefetch { get; init; } = 32;

    /// <summary>Where the page of the breakers is served meanwhile; null for no page.</summary>
    public Uri? Page { get; init; }

    public bool Json { get; init; }

    /// <summary>How many of the orders are placed, slowly, before the clock starts.</summary>
    public int WarmUp => Instances > 1 ? Math.Min(40 * Instances, Messages / 2) : 0;

    public int WarmUpRate => 20 * Instances;

    /// <summary>Twice the break, so that a run of reopens stays bounded.</summary>
    public TimeSpan MaxBreak => 2 * Break;

    /// <summary>With <see cref="PaymentsMode.Slow"/> it is the slow-call limit that is tried, so the client must have the patience for it.</summary>
    public TimeSpan ClientTimeout => TimeSpan.FromSeconds(Failure is PaymentsMode.Slow ? 3 : 1);

    /// <summary>After the outage and the last message, nobody waits longer than this.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(60) + MaxBreak;
}
