using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Messaging.Breaker.ChaosTests.Cluster;
using Messaging.Breaker.ChaosTests.Garbage;
using Messaging.Breaker.ChaosTests.Holds;
using Messaging.Breaker.ChaosTests.Redrives;
using Messaging.Breaker.ChaosTests.Results;
using Messaging.Breaker.ChaosTests.Schedules;
using Messaging.Breaker.ChaosTests.Shop;
using Messaging.Breaker.ChaosTests.Stores;
using Messaging.Breaker.ChaosTests.Workers;
using Microsoft.AspNetCore.Routing;
using SampleWorkers.Hosting;
using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests;

/// <summary>One schedule, from the start of the first worker to the balance of the ledger.</summary>
sealed class ScheduleRun
{
    const int MostAttempts = 3;
    const double HoldAfter = 0.1;

    static readonly TimeSpan PaymentsTimeout = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(90);
    // There, a tenth of the orders is poison, and each instance of a fleet has to find that out for itself.
    static readonly TimeSpan LongestRecoveryAmidPoison = TimeSpan.FromMinutes(5);
    static readonly TimeSpan CompanyInterval = TimeSpan.FromSeconds(0.2);
    // A message that no consumer holds and that is in no queue will not come back. But the figures can be wrong just after a restart.
    static readonly TimeSpan QuietWhenComplete = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan QuietWhenMissing = TimeSpan.FromSeconds(5);

    readonly long _began = Stopwatch.GetTimestamp();
    readonly ConcurrentQueue<string> _diary = new();
    readonly Schedule _schedule;
    readonly RabbitMqNode _broker;
    readonly string _directory;
    readonly string _prefix;
    readonly OrderQueues _queues;
    readonly Ledger _ledger;
    readonly ShakyPayments _payments;
    readonly BreakerStates _states = new();
    long _lastCompany;

    ScheduleRun(Schedule schedule, RabbitMqNode broker)
    {
        (_schedule, _broker) = (schedule, broker);
        _prefix = string.Create(CultureInfo.InvariantCulture, $"chaos-{schedule.Seed}");
        _directory = Path.Combine(ChaosSettings.Results, _prefix);
        _queues = new OrderQueues(broker, _prefix);
        _ledger = new Ledger(schedule.WarmUp.Concat(schedule.Orders));
        _payments = new ShakyPayments(_ledger, schedule.Seed, schedule.PaymentsLatency);
    }

    string SettingsFile => Path.Combine(_directory, "settings.json");

    public static async Task RunAsync(Schedule schedule, RabbitMqNode broker, ChaosReport report)
    {
        var run = new ScheduleRun(schedule, broker);
        if (Directory.Exists(run._directory))
            Directory.Delete(run._directory, recursive: true);
        Directory.CreateDirectory(run._directory);
        ScheduleResult result;
        try
        {
            result = await run.RunAsync();
        }
        catch (Exception exception)
        {
            report.AddUnfinished(schedule);
            throw new InvalidOperationException($"The harness itself failed.\n{run.Describe([])}", exception);
        }

        report.Add(result);
        if (result.Problems.Count > 0)
        {
            var description = run.Describe(result.Problems);
            await File.WriteAllTextAsync(Path.Combine(run._directory, "schedule.txt"), description);
            Assert.Fail(description);
        }

        Directory.Delete(run._directory, recursive: true);
    }

    async Task<ScheduleResult> RunAsync()
    {
        await using var server = await LoopbackServer.StartAsync(Map, TestContext.Current.CancellationToken);
        await using var redis = _schedule.Store is SharedStore.Redis ? await RedisNode.StartNewAsync() : null;
        _schedule.Options.WriteTo(SettingsFile);
        var numbers = Enumerable.Range(0, _schedule.Workers);
        var fronts = _broker is RabbitMqCluster cluster ? numbers.Select(cluster.AddFront).ToList() : [];
        var workers = numbers.Select(number => StartWorker(number, server.Address, fronts.ElementAtOrDefault(number), redis)).ToList();
        using var site = new Site(_broker, redis, _payments, workers, fronts, _states, _queues.Orders, SettingsFile, Note);
        try
        {
            await using var publisher = new OrderPublisher(_broker.AmqpAddress, _queues.Orders, _ledger);
            await WarmUpAsync(publisher);
            await using var garbage = TellGarbage(redis);
            await _queues.WatchDropsAsync();
            Note("the faults begin");
            var striking = site.StrikeAsync(_schedule.Faults);
            var holding = _schedule.IsHeld
                ? new HeldFleet(new Operator(workers, _queues.Orders, Note), _broker, _queues.Orders, _payments, Note).RunAsync(_schedule.Length * HoldAfter, striking)
                : Task.FromResult<IReadOnlyList<string>>([]);
            await Task.WhenAll(PublishAsync(publisher), striking);
            Note("everything is well again");
            List<string> problems = [.. await holding];
            if (garbage is not null)
                problems.AddRange(await SteerAmidGarbageAsync(publisher, workers, redis));
            site.Counts.Nonsense = garbage?.Told ?? 0;
            if (!await IsSettledAsync(publisher))
                problems.Add($"the queue did not become empty, or these are left: {string.Join(", ", await _queues.GetParkingQueuesAsync())}");
            if (_schedule.RedriveFaults.Count > 0)
                problems.AddRange(await RedriveAsync(publisher, site, workers));
            await Task.WhenAll(workers.Select(worker => worker.CloseAsync()));
            var balance = await TakeBalanceAsync();
            problems.AddRange(balance.Problems);
            var drops = await _queues.TakeDropsAsync();
            problems.AddRange(balance.Lost.Select(order => $"lost {order} of {MerchantOf(order)}: {string.Join(", ", drops[order].DefaultIfEmpty("no queue has dropped it"))}"));
            problems.AddRange(workers.SelectMany(worker => worker.Problems));
            return new ScheduleResult(
                _schedule,
                Stopwatch.GetElapsedTime(_began),
                _ledger.Confirmed,
                _ledger.Duplicates,
                workers.Sum(worker => worker.Trips),
                site.Counts,
                balance,
                problems);
        }
        finally
        {
            foreach (var worker in workers)
                await worker.DisposeAsync();
            if (_broker is RabbitMqCluster struck)
                await struck.RemoveFrontsAsync();
            await _queues.DeleteAsync();
        }
    }

    void Map(IEndpointRouteBuilder web)
    {
        _payments.Map(web);
        _states.Map(web);
    }

    WorkerSlot StartWorker(int number, Uri server, ClusterFront? front, RedisNode? redis)
    {
        var name = number.ToString(CultureInfo.InvariantCulture);
        string[] queue = _schedule.Queue switch
        {
            QueueKind.Classic => ["--queue-type", "classic"],
            QueueKind.Quorum => ["--queue-type", "quorum"],
            _ => ["--queue-type", "quorum", "--delivery-limit", "5"],
        };
        string[] keys = _schedule.HasKeys ? ["--by-merchant"] : [];
        string[] share = _schedule.Store is SharedStore.None ? [] : ["--share", redis is null ? "bus" : $"redis://{redis.Address}"];
        string[] arguments =
        [
            "--broker", $"{front?.Address ?? _broker.AmqpAddress}",
            "--payments", $"{server}",
            "--report", $"{new Uri(server, BreakerStates.PathOf(name))}",
            "--payments-timeout", PaymentsTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--queue-prefix", _prefix,
            "--prefetch", _schedule.Prefetch.ToString(CultureInfo.InvariantCulture),
            "--settings", SettingsFile,
            .. queue,
            .. keys,
            .. share,
            .. _schedule.IsHeld ? ["--hold-until-known"] : Array.Empty<string>(),
        ];
        return new WorkerSlot(name, arguments, _directory, () => _states.Forget(name), Note);
    }

    /// <summary>Waits until every worker consumes, the error queue exists, and the broker may be killed.</summary>
    async Task WarmUpAsync(OrderPublisher publisher)
    {
        // Wait before the first order. While the machine is busy starting workers, a breaker may trip. It would stay half-open if no
        // message were left to probe with.
        await Eventually.Is(
            () => _broker.GetQueueAsync(_queues.Orders), queue => queue?.Consumers == _schedule.Workers, "every worker to consume", LongestRecovery);
        await Task.WhenAll(_schedule.WarmUp.Select(order => publisher.PublishAsync(order.Message, TestContext.Current.CancellationToken)));
        await Eventually.Is<QueueFigures?>(
            async () =>
            {
                await KeepCompanyAsync(publisher);
                return await _broker.GetQueueAsync(_queues.Errors);
            },
            queue => queue?.Ready > 0,
            "the first poison to be in _error",
            LongestRecovery);
        await Eventually.Is(() => _ledger.NotHandled.All(_ledger.IsPoison), "the first orders to be handled", LongestRecovery);
        await RabbitMqNode.SettleAsync();
    }

    Task PublishAsync(OrderPublisher publisher) => Pace.RunAsync(
        (int)Math.Ceiling(_schedule.Orders.Count / _schedule.Length.TotalSeconds),
        _schedule.Orders.Count,
        number => publisher.PublishAsync(_schedule.Orders[(int)number].Message, TestContext.Current.CancellationToken),
        TestContext.Current.CancellationToken);

    /// <summary>Adds an order now and then. Poison that is alone looks like an outage and would hold up the queue for minutes.</summary>
    async Task KeepCompanyAsync(OrderPublisher publisher)
    {
        if (Stopwatch.GetElapsedTime(_lastCompany) < CompanyInterval)
            return;
        foreach (var merchant in MerchantsWaiting())
            await publisher.PublishAsync(OrderPlaced.Next(1, merchant), TestContext.Current.CancellationToken);
        _lastCompany = Stopwatch.GetTimestamp();
    }

    /// <summary>The merchants with orders that are not handled yet; a single null if merchants do not matter.</summary>
    List<string?> MerchantsWaiting()
    {
        var waiting = _schedule.WarmUp.Concat(_schedule.Orders).IntersectBy(_ledger.NotHandled, order => order.Id).Select(order => order.Message.Merchant).Distinct().ToList();
        return _schedule.HasKeys && waiting.Count > 0 ? waiting : [null];
    }

    string? MerchantOf(Guid order) => _schedule.WarmUp.Concat(_schedule.Orders).FirstOrDefault(one => one.Id == order)?.Message.Merchant;

    GarbagePeer? TellGarbage(RedisNode? redis)
    {
        if (!_schedule.HasGarbage)
            return null;
        GarbagePeer garbage = redis is null
            ? new GarbageOnBus(_broker.AmqpAddress, _prefix, _schedule.Seed)
            : new GarbageOnRedis(redis, _prefix, _schedule.Seed);
        garbage.Start();
        return garbage;
    }

    /// <summary>Checks that, amid nonsense from a peer, an operator reaches all workers and only one worker probes at once.</summary>
    async Task<IReadOnlyList<string>> SteerAmidGarbageAsync(OrderPublisher publisher, IReadOnlyList<WorkerSlot> workers, RedisNode? redis)
    {
        try
        {
            await Eventually.Is(() => workers.All(worker => worker.HasStarted), "every worker to run", LongestRecovery);
            await Steering.TryAsync(Share(redis), _states, _schedule.Workers);
            Note("an operator's word has reached every worker, twice");
            _payments.Trouble = PaymentsTrouble.Error;
            for (var attempt = 0; attempt < MostAttempts; attempt++)
            {
                var losses = workers.Sum(worker => worker.StoreLosses);
                var probers = await CountProbersAsync(publisher);
                if (probers == 1)
                    return [];
                if (workers.Sum(worker => worker.StoreLosses) == losses)
                    return [$"{probers} workers probed at once"];
                Note("a worker that lost the store probed by itself");
            }

            return [];
        }
        catch (TimeoutException exception)
        {
            return [exception.Message];
        }
        finally
        {
            _payments.Trouble = PaymentsTrouble.None;
        }
    }

    /// <summary>The most workers that probed at once during three failed rounds.</summary>
    async Task<int> CountProbersAsync(OrderPublisher publisher)
    {
        var began = DateTimeOffset.UtcNow;
        await Eventually.Is(
            async () =>
            {
                await KeepCompanyAsync(publisher);
                return _states.CountFailedRounds(began);
            },
            rounds => rounds >= 3,
            "three rounds of probes to fail",
            LongestRecovery);
        return _states.MostProbersAtOnce(began);
    }

    /// <summary>Makes payments accept what it refused, and redrives everything in <c>_error</c> amid faults.</summary>
    async Task<IReadOnlyList<string>> RedriveAsync(OrderPublisher publisher, Site site, IReadOnlyList<WorkerSlot> workers)
    {
        _payments.AcceptsPoison = true;
        site.Counts.DeadLetters = (int)((await _broker.GetQueueAsync(_queues.Errors))?.Ready ?? 0);
        var brokerKills = site.Counts.BrokerKills;
        var redriver = new Redriver(workers, _queues.Errors, Math.Max(1, site.Counts.DeadLetters / Schedule.RedriveLength.TotalSeconds), Note);
        site.Redriver = redriver;
        Note($"{site.Counts.DeadLetters} dead letters are to be redriven");
        var striking = site.StrikeAsync(_schedule.RedriveFaults);
        var isOver = await redriver.RunAsync(async () =>
        {
            if (await TryReadErrorsAsync() is not { } errors)
                return (false, false);
            if (_ledger.NotHandled.Any(_ledger.IsPoison))
                await KeepCompanyAsync(publisher);
            return (striking.IsCompleted && errors is { Ready: 0, Unacknowledged: 0 } && !_ledger.NotHandled.Any(), errors.Ready > 0);
        });
        await striking;
        site.Counts.BrokerKillsInRedrives = site.Counts.BrokerKills - brokerKills;
        site.Counts.Redrives = redriver.Orders;
        Note($"{redriver.Orders} redrives, of which {redriver.Broken} were broken off");
        return isOver ? [] : [$"{_ledger.NotHandled.Count()} messages were not handled after their redrive"];
    }

    /// <returns>Null while the broker is down.</returns>
    async Task<QueueFigures?> TryReadErrorsAsync()
    {
        try
        {
            return await _broker.GetQueueAsync(_queues.Errors);
        }
        catch (Exception) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    Action<MessagingBreakerBuilder> Share(RedisNode? redis) => breakers =>
    {
        if (redis is null)
            breakers.ShareOverBus(options => (options.Address, options.Prefix) = (_broker.AmqpAddress, _prefix));
        else
            breakers.ShareOverRedis(redis.Address, options => options.KeyPrefix = _prefix);
    };

    async Task<bool> IsSettledAsync(OrderPublisher publisher)
    {
        var emptySince = Stopwatch.GetTimestamp();
        try
        {
            await Eventually.Is<QueueFigures?>(
                async () =>
                {
                    var queue = await _broker.GetQueueAsync(_queues.Orders);
                    if (queue is not { Ready: 0, Unacknowledged: 0 } || (await _queues.GetParkingQueuesAsync()).Count > 0)
                    {
                        await KeepCompanyAsync(publisher);
                        emptySince = Stopwatch.GetTimestamp();
                    }

                    return queue;
                },
                _ =>
                {
                    var isComplete = _ledger.NotHandled.All(_ledger.IsPoison);
                    return Stopwatch.GetElapsedTime(emptySince) > (isComplete ? QuietWhenComplete : QuietWhenMissing);
                },
                "the queue to become and stay empty",
                _schedule.RedriveFaults.Count > 0 ? LongestRecoveryAmidPoison : LongestRecovery);
            Note("the queue is empty");
            return true;
        }
        catch (TimeoutException exception)
        {
            Note(exception.Message);
            return false;
        }
    }

    async Task<Balance> TakeBalanceAsync() => Balance.Of(
        _ledger,
        errors: await _queues.TakeAsync(_queues.Errors),
        skipped: await _queues.TakeAsync(_queues.Skipped),
        left: [.. await _queues.TakeAsync(_queues.Orders), .. await TakeParkedAsync()]);

    async Task<IReadOnlyList<Guid>> TakeParkedAsync()
    {
        var orders = new List<Guid>();
        foreach (var queue in await _queues.GetParkingQueuesAsync())
            orders.AddRange(await _queues.ConsumeAsync(queue));
        return orders;
    }

    void Note(string happening) => _diary.Enqueue(
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss.fff} {Stopwatch.GetElapsedTime(_began).TotalSeconds,6:0.00} s  {happening}"));

    string Describe(IEnumerable<string> problems) => string.Join(
        '\n', [$"{_schedule}", .. _diary, .. problems, $"Replay: ./test.sh --chaos-seed {_schedule.Seed}{(_broker is RabbitMqCluster ? " --cluster" : "")}{(_schedule.RedriveFaults.Count > 0 ? " --redrive" : "")}{(_schedule.IsHeld ? " --hold" : "")}{(_schedule.HasKeys ? " --keys" : "")}; the workers' logs are in {_directory}"]);
}
