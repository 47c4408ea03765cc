using System.Globalization;
using Messaging.Breaker.ChaosTests.Cluster;
using Messaging.Breaker.ChaosTests.Shop;
using Messaging.Breaker.ChaosTests.Stores;
using Messaging.Breaker.ChaosTests.Workers;
using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Schedules;

/// <summary>Everything that one seed decides.</summary>
sealed record Schedule(
    int Seed,
    QueueKind Queue,
    SharedStore Store,
    int Workers,
    int Prefetch,
    TimeSpan Length,
    TimeSpan PaymentsLatency,
    DrawnOptions Options,
    IReadOnlyList<Order> WarmUp,
    IReadOnlyList<Order> Orders,
    IReadOnlyList<Fault> Faults,
    IReadOnlyList<Fault> RedriveFaults,
    bool HasGarbage,
    bool HasKeys)
{
    /// <summary>Whether an operator holds the fleet's endpoint amid the faults.</summary>
    public bool IsHeld { get; init; }

    const double ShareOfPoison = 0.01;

    /// <summary>For schedules that redrive dead letters.</summary>
    const double LargeShareOfPoison = 0.1;
    const int FleetSize = 3;
    const int FewestMerchants = 8;
    const int MostMerchants = 30;
    const double ShareOfWholeOutages = 0.3;

    /// <summary>How long an undisturbed redrive takes.</summary>
    public static readonly TimeSpan RedriveLength = TimeSpan.FromSeconds(8);

    string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {Queue} queue, {Workers} workers, {Sharing}, prefetch {Prefetch}, {Orders.Count} messages ({Orders.Count(order => order.IsPoison)} poison) "
        + $"in {Length.TotalSeconds:0.0} s, payments takes {PaymentsLatency.TotalMilliseconds:0} ms{(HasKeys ? ", a breaker for each merchant" : "")}{(HasGarbage ? ", a peer that tells nonsense" : "")}");

    /// <summary>How the workers share, in words.</summary>
    public string Sharing => Store is SharedStore.None ? "each by itself" : $"sharing on {Store}";

    /// <param name="wanted">The store that the workers share; null to draw one.</param>
    /// <param name="isCluster">Whether it runs on a cluster: with quorum queues and with faults of single nodes.</param>
    /// <param name="isHeld">Whether an operator holds the endpoint amid the faults, if the workers are a fleet.</param>
    /// <param name="redrives">Whether payments accepts poison at the end, and everything in _error is redriven amid faults.</param>
    /// <param name="hasKeys">
    /// Whether the orders belong to merchants that each have their own breaker. Most troubles of payments then affect only a few merchants.
    /// </param>
    public static Schedule Draw(int seed, bool isConsumerTimeoutShort, SharedStore? wanted, bool isCluster = false, bool redrives = false, bool isHeld = false, bool hasKeys = false)
    {
        var random = new Random(seed);
        // Always draw these, even if a value is given, so that the rest of the schedule stays the same.
        var drawnStore = random.GetItems(Enum.GetValues<SharedStore>(), 1)[0];
        var drawnWorkers = random.Next(1, 4);
        var store = wanted ?? drawnStore;
        var workers = store is SharedStore.None ? drawnWorkers : FleetSize;
        var length = Seconds(random, 5, 12);
        var queue = random.GetItems(Enum.GetValues<QueueKind>(), 1)[0];
        var poison = redrives ? LargeShareOfPoison : ShareOfPoison;
        var schedule = new Schedule(
            seed,
            isCluster && queue is QueueKind.Classic ? QueueKind.Quorum : queue,
            store,
            workers,
            random.Next(4, 33),
            length,
            Seconds(random, 0.02, 0.15),
            DrawnOptions.Draw(random, isConsumerTimeoutShort),
            // The first failure declares the error queue, before the faults begin. A broker that is killed just then would lose it.
            [.. DrawOrders(random, 5, poison), DrawOrder(random, isPoison: true)],
            [.. DrawOrders(random, random.Next(200, 501), poison)],
            [
                .. DrawPaymentsFaults(random, length)
                    .Concat(DrawOtherFaults(random, length, workers, isConsumerTimeoutShort))
                    .Concat(store is SharedStore.Redis ? DrawStoreFaults(random, length) : [])
                    .Concat(isCluster ? DrawClusterFaults(random, length, workers) : [])
                    .OrderBy(fault => fault.At),
            ],
            redrives ? [.. DrawRedriveFaults(new Random(seed), workers).OrderBy(fault => fault.At)] : [],
            random.Next(2) == 0 && store is not SharedStore.None && !redrives && !hasKeys,
            hasKeys)
        {
            IsHeld = isHeld && store is not SharedStore.None,
        };
        return hasKeys ? schedule.SplitByMerchants(new Random(seed)) : schedule;
    }

    public override string ToString() => string.Join('\n', [Summary, $"{Options}", .. Faults.Select(fault => $"{fault}"), .. RedriveFaults.Select(fault => $"while dead letters are redriven: {fault}")]);

    /// <summary>Assigns each order to a random merchant, and limits most troubles of payments to a few merchants.</summary>
    Schedule SplitByMerchants(Random random)
    {
        var merchants = Enumerable.Range(0, random.Next(FewestMerchants, MostMerchants + 1)).Select(number => string.Create(CultureInfo.InvariantCulture, $"merchant-{number}")).ToArray();
        return this with { WarmUp = Split(WarmUp), Orders = Split(Orders), Faults = [.. Faults.Select(Limit)], RedriveFaults = [.. RedriveFaults.Select(Limit)] };

        IReadOnlyList<Order> Split(IEnumerable<Order> orders) =>
            [.. orders.Select(order => order with { Message = order.Message with { Merchant = random.GetItems(merchants, 1)[0] } })];

        Fault Limit(Fault fault) => fault is PaymentsFault trouble && random.NextDouble() >= ShareOfWholeOutages
            ? trouble with { Merchants = random.GetItems(merchants, random.Next(1, FewestMerchants / 2)).ToHashSet() }
            : fault;
    }

    /// <summary>Draws them one after another, so that each has its effect.</summary>
    static IEnumerable<Fault> DrawPaymentsFaults(Random random, TimeSpan length)
    {
        var count = random.Next(1, 4);
        var slot = length / count;
        for (var i = 0; i < count; i++)
            yield return new PaymentsFault(
                slot * (i + random.NextDouble() * 0.25),
                (PaymentsTrouble)random.Next(1, Enum.GetValues<PaymentsTrouble>().Length),
                slot * (0.3 + random.NextDouble() * 0.45));
    }

    static IEnumerable<Fault> DrawOtherFaults(Random random, TimeSpan length, int workers, bool isConsumerTimeoutShort)
    {
        if (random.NextDouble() < 0.4)
            yield return new BrokerKill(length * random.NextDouble());
        var count = random.Next(3, 8);
        for (var i = 0; i < count; i++)
        {
            var at = length * random.NextDouble();
            yield return random.Next(4) switch
            {
                0 => new WorkerKill(at, random.Next(workers)),
                1 => new WorkerStop(at, random.Next(workers)),
                2 => new ConnectionsClosed(at),
                _ => new OptionsReload(at, DrawnOptions.Draw(random, isConsumerTimeoutShort)),
            };
        }
    }

    static IEnumerable<Fault> DrawStoreFaults(Random random, TimeSpan length)
    {
        var count = random.Next(1, 4);
        for (var i = 0; i < count; i++)
        {
            var at = length * random.NextDouble();
            var outage = Seconds(random, 0.1, 3);
            yield return random.Next(2) == 0 ? new StoreKill(at, outage) : new StoreFreeze(at, outage);
        }
    }

    static IEnumerable<Fault> DrawClusterFaults(Random random, TimeSpan length, int workers)
    {
        var count = random.Next(1, 4);
        for (var i = 0; i < count; i++)
        {
            var at = length * random.NextDouble();
            var victim = (Victim)random.Next(Enum.GetValues<Victim>().Length);
            var worker = random.Next(workers);
            var when = random.GetItems([BreakerState.Closed, BreakerState.Open, BreakerState.HalfOpen], 1)[0];
            yield return random.Next(2) == 0
                ? new NodeKill(at, victim, worker, when, Seconds(random, 0.1, 5))
                : new NetworkCut(at, victim, worker, when, Seconds(random, 2, 12)); // A node notices after about four seconds.
        }
    }

    static IEnumerable<Fault> DrawRedriveFaults(Random random, int workers)
    {
        var length = RedriveLength;
        yield return new RedriverKill(length * (0.1 + random.NextDouble() * 0.4));
        if (random.Next(2) == 0)
            yield return new RedriverKill(length * random.NextDouble());
        if (random.NextDouble() < 0.6)
            yield return new BrokerKill(length * random.NextDouble());
        if (random.Next(2) == 0)
            yield return new ConnectionsClosed(length * random.NextDouble());
        if (random.Next(2) == 0)
            yield return new WorkerStop(length * random.NextDouble(), random.Next(workers));
        if (random.Next(2) == 0)
            yield return new PaymentsFault(
                length * random.NextDouble() * 0.5, (PaymentsTrouble)random.Next(1, Enum.GetValues<PaymentsTrouble>().Length), length * (0.2 + random.NextDouble() * 0.3));
    }

    static IEnumerable<Order> DrawOrders(Random random, int count, double shareOfPoison)
    {
        for (var i = 0; i < count; i++)
            yield return DrawOrder(random, random.NextDouble() < shareOfPoison && i > 0);
    }

    static Order DrawOrder(Random random, bool isPoison)
    {
        var id = new byte[16];
        random.NextBytes(id);
        return new Order(new OrderPlaced(new Guid(id), isPoison ? -1 : random.Next(1, 100)), isPoison);
    }

    static TimeSpan Seconds(Random random, double min, double max) => TimeSpan.FromSeconds(min + random.NextDouble() * (max - min));
}
