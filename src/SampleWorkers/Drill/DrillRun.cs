using SampleWorkers.Drill.Workers;
using SampleWorkers.Hosting;
using SampleWorkers.Mail;
using SampleWorkers.Payments;
using SampleWorkers.Sharing;
using SampleWorkers.Shop;

namespace SampleWorkers.Drill;

/// <summary>
/// Places orders at a steady rate for one worker or several, while a payments service is down for a time. What the workers and the broker make of it
/// is read from the broker, the payments service and the breakers' transitions.
/// </summary>
sealed class DrillRun
{
    const int MostNamed = 10;

    readonly DrillSettings _settings;
    readonly Action<DrillMoment> _progress;
    readonly string[] _names;
    readonly DrillLedger _ledger = new();
    readonly FleetLog _logs = new();
    readonly FleetTimeline _timeline;
    readonly CallRecorder _calls;
    readonly PaymentsService _payments;
    readonly SecondRegion? _second;
    readonly PatientPublisher _publisher;
    readonly KeyFigures? _keys;
    readonly string _prefix = $"drill-{Guid.NewGuid():N}"[..14];

    public DrillRun(DrillSettings settings, Action<DrillMoment> progress)
    {
        _settings = settings;
        _progress = progress;
        _names = [.. Enumerable.Range(1, settings.Instances).Select(number => $"worker-{number}")];
        _timeline = new FleetTimeline(_names);
        _keys = settings.Keys > 0 ? new KeyFigures(settings) : null;
        _calls = new CallRecorder(_ledger, _keys);
        _payments = new PaymentsService(_calls) { DownFor = _keys?.Down };
        _second = settings.Regions > 1 ? new SecondRegion(_ledger) : null;
        _publisher = new PatientPublisher(settings.Broker, settings.Patience);
    }

    public IReadOnlyCollection<string> LastWarnings => _logs.LastWarnings;

    /// <exception cref="Transport.BrokerUnreachableException">There is no broker, it refused us, or it was lost and has not come back.</exception>
    /// <exception cref="StoreUnreachableException">The workers could not reach the store that they share.</exception>
    /// <exception cref="WorkerFailedException">A worker process did not begin to consume.</exception>
    public async Task<DrillFigures> RunAsync(CancellationToken cancellationToken)
    {
        if (_settings.Share is { } store)
            await StoreConnection.EnsureReachableAsync(store);
        await using var queue = await ConnectAsync(cancellationToken);
        await using var payments = await LoopbackServer.StartAsync(web => web.MapPayments(_payments), cancellationToken);
        await using var second = _second is null ? null : await LoopbackServer.StartAsync(web => web.MapPayments(_second.Payments), cancellationToken);
        await using var mail = await LoopbackServer.StartAsync(web => web.MapMail(_ => _ledger.ReceiptSent()), cancellationToken);
        await using var workers = CreateWorkers(queue, payments.Address, second?.Address, mail.Address);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new PauseWatch(_timeline, queue);

        Course course;
        DrillRedrive.Figures? redrive = null;
        IReadOnlyList<DateTimeOffset> poisonCalls;
        long callsWhileDown;
        int? pauses;
        try
        {
            await workers.StartAsync(cancellationToken);
            await queue.PrepareAsync(cancellationToken);
            var looking = watch.RunAsync(watching.Token);
            await WarmUpAsync(workers, cancellationToken);
            course = await RunCourseAsync(workers, queue, cancellationToken);
            await watching.CancelAsync();
            await looking;
            if (_keys is not null)
                await _keys.WaitForQueuesAsync(queue, cancellationToken);
            poisonCalls = _calls.GetPoisonCalls(course.Recovered);
            pauses = workers.Pauses;
            callsWhileDown = _payments.GetFigures().CallsWhileDown;
            if (_settings.Redrive && workers.DeadLetters is { } letters)
                redrive = await new DrillRedrive(_settings, _payments, letters, _prefix).RunAsync(cancellationToken);
        }
        finally
        {
            await workers.StopAsync();
            if (_settings.Share is { } shared)
                await StoreConnection.DeleteStateAsync(shared, _prefix);
        }

        return Conclude(course, watch, poisonCalls, [.. queue.Notes, .. workers.Notes], await queue.CollectAsync(cancellationToken)) with
        {
            CallsWhileDown = callsWhileDown,
            Pauses = pauses,
            Redriven = redrive?.Run.Moved,
            FailedAgain = redrive?.Run.FailedAgain,
            RedriveMs = Milliseconds(redrive?.Run.Ended - redrive?.Run.Began),
            RedrivePauses = redrive?.Run.Pauses,
            RelapseCalls = redrive?.RelapseCalls,
        };
    }

    async Task<IDrillQueue> ConnectAsync(CancellationToken cancellationToken) => _settings.Broker is { } broker
        ? await RabbitMqDrillQueue.ConnectAsync(broker, _settings, _prefix, cancellationToken)
        : new InMemoryDrillQueue(ShopNames.ChargeQueue(_prefix));

    IDrillWorkers CreateWorkers(IDrillQueue queue, Uri payments, Uri? second, Uri mail)
    {
        WorkerPlan[] plans = [.. _names.Select(name => new WorkerPlan(name, _settings, queue.AddressFor(name), payments, second, mail, _prefix))];
        return plans is [var only]
            ? new LocalWorker(only, _timeline, _logs, queue.ConfigureBus)
            : new WorkerFleet(plans, _settings.Broker!, _timeline, _logs);
    }

    /// <summary>
    /// Several processes on the few cores of one machine take seconds over their first calls, and long over their first failures. Without a warm-up,
    /// the outage would find every worker still busy with that.
    /// </summary>
    async Task WarmUpAsync(IDrillWorkers workers, CancellationToken cancellationToken)
    {
        _payments.Stumbles = 10;
        await Pace.RunAsync(
            _settings.WarmUpRate, _settings.WarmUp, number => PublishAsync(workers, number, cancellationToken), cancellationToken);
        _payments.Stumbles = null;
        var deadline = DateTimeOffset.UtcNow + _settings.Patience;
        while ((_ledger.Handled < _ledger.Published || !_timeline.AreAllClosed) && DateTimeOffset.UtcNow < deadline)
            await Task.Delay(25, cancellationToken);
    }

    async Task<Course> RunCourseAsync(IDrillWorkers workers, IDrillQueue queue, CancellationToken cancellationToken)
    {
        var started = DateTimeOffset.UtcNow;
        _keys?.Start();
        var recovery = BreakPaymentsAsync(cancellationToken);
        var publishing = Pace.RunAsync(
            _settings.Rate, _settings.Messages - _settings.WarmUp, number => PublishAsync(workers, number, cancellationToken), cancellationToken);

        DateTimeOffset? drained = null;
        DateTimeOffset? deadline = null;
        var setAside = 0L;
        // Between full seconds, at which most outages begin: most of the queues to count do not exist, and counting one of those costs the broker a
        // channel.
        var nextCount = started + TimeSpan.FromSeconds(0.5);
        while (!publishing.IsFaulted && !(DateTimeOffset.UtcNow >= deadline))
        {
            var published = _ledger.Published;
            var ready = (await queue.ReadAsync(cancellationToken))?.Ready;
            var now = DateTimeOffset.UtcNow;
            if (now >= nextCount)
            {
                setAside = await queue.CountSetAsideAsync(cancellationToken) ?? setAside;
                nextCount += TimeSpan.FromSeconds(1);
            }
            if (_keys is not null)
                await _keys.SampleAsync(queue, cancellationToken);
            var waiting = published - _ledger.Handled - setAside;
            _progress(new DrillMoment(now - started, published, _ledger.Handled, ready, _payments.Mode, $"{_timeline}"));

            if (recovery.IsCompleted && _timeline.AreAllClosed && ready is null or 0 && waiting <= _settings.Instances * _settings.Prefetch)
                drained ??= now;
            if (recovery.IsCompleted && publishing.IsCompleted)
            {
                deadline ??= now + _settings.Patience;
                var isAwaited = _second is not null && !_timeline.AreAllClosed;
                if (waiting <= 0 && ready is null or 0 && !isAwaited)
                    break;
                // Only later orders can show that the payments service works, and that the failures of a poisoned order are its own.
                if (_settings.Poison > 0 || isAwaited)
                    await PublishAsync(workers, published, cancellationToken);
            }

            await Task.Delay(25, cancellationToken);
        }

        await publishing;
        return new Course(await recovery, drained, $"{_timeline}");
    }

    async Task PublishAsync(IDrillWorkers workers, long number, CancellationToken cancellationToken)
    {
        var order = OrderPlaced.Next(number, _keys?.MerchantOf(number));
        if (_payments.Mode is not PaymentsMode.Up && _ledger.Poison < _settings.Poison && (!_settings.Redrive || number % 10 == 0))
        {
            _ledger.Poisoned(order.OrderId);
            _payments.Poison(order.OrderId);
            _second?.Payments.Poison(order.OrderId);
        }

        _keys?.Published(order.OrderId, number);
        await _publisher.PublishAsync(workers.Publisher, order, cancellationToken);
        _ledger.Confirmed(order.OrderId);
    }

    async Task<DateTimeOffset> BreakPaymentsAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_settings.Outage.Start, cancellationToken);
        _keys?.Began();
        _payments.Mode = _settings.Failure;
        await Task.Delay(_settings.Outage.End - _settings.Outage.Start, cancellationToken);
        _payments.Mode = PaymentsMode.Up;
        _keys?.Ended();
        _calls.Recovered();
        return DateTimeOffset.UtcNow;
    }

    DrillFigures Conclude(Course course, PauseWatch watch, IReadOnlyList<DateTimeOffset> poison, IReadOnlyList<string> notes, Leftovers leftovers)
    {
        var probes = _calls.CountProbes(_timeline);
        var violations = _keys?.FindOrderViolations();
        return new DrillFigures
        {
            Published = _ledger.Published,
            Handled = _ledger.Handled,
            Duplicates = _ledger.Duplicates,
            DeadLettered = leftovers.DeadLettered.Count(order => !_ledger.IsPoison(order)),
            Skipped = leftovers.Skipped.Count,
            FaultsPublished = leftovers.Faults,
            Lost = _ledger.CountLost(leftovers.Queued, leftovers.DeadLettered, leftovers.Skipped),
            CallsWhileDown = 0,
            CallsBeforeTrip = _calls.CountBeforeTrip(_timeline),
            Probes = probes.Sum(),
            Trips = _timeline.Trips,
            ConsumersWhileOpen = watch.ConsumersWhileOpen,
            UnackedWhileOpen = watch.UnackedWhileOpen,
            ProbePrefetch = watch.ProbePrefetch,
            FirstSuccessAfterRecoveryMs = Milliseconds(_calls.FirstSuccess - course.Recovered),
            DrainedAfterRecoveryMs = Milliseconds(course.Drained - course.Recovered),
            LogLinesWhileOpen = _logs.CountWhileOpen(_timeline),
            EngineState = course.FinalState,
            Instances = _settings.Instances,
            Reopens = _timeline.Reopens,
            Rounds = probes.Count,
            MaxProbesPerRound = probes.DefaultIfEmpty().Max(),
            RestOfBreakMs = (long)_timeline.RestOfBreak(course.Recovered).TotalMilliseconds,
            StillQueued = leftovers.Queued.Count,
            Receipts = _ledger.Receipts,
            RoundsAfterRecovery = _timeline.GetRounds().Count(round => round.From > course.Recovered),
            Poison = _ledger.Poison,
            PoisonDeadLettered = leftovers.DeadLettered.Count(_ledger.IsPoison),
            PoisonCallsAfterRecovery = poison.Count,
            PoisonLastCallAfterRecoveryMs = poison.Count > 0 ? Milliseconds(poison[^1] - course.Recovered) : null,
            TripAfterFirstCallMs = Milliseconds(_calls.MeasureTrip(_timeline)),
            QuietAfterMs = Milliseconds(watch.QuietAfter),
            Redriven = null,
            FailedAgain = null,
            RedriveMs = null,
            RedrivePauses = null,
            RelapseCalls = null,
            HandledBySecond = _second?.Handled,
            HandledByFirstAgain = _second is null ? null : _calls.ChargedAgain,
            Pauses = null,
            HealthyKeysP99BeforeMs = _keys?.P99Before,
            HealthyKeysP99DuringMs = _keys?.P99During,
            CallsWhileDownPerKey = _keys?.MostCallsWhileDown,
            ParkedMax = _keys?.ParkedMax,
            OrderViolations = violations?.Count,
            ParkingQueuesLeft = _keys?.QueuesLeft,
            Republished = _publisher.Repetitions,
            Notes = [.. notes, .. violations?.Take(MostNamed) ?? []],
        };
    }

    static long? Milliseconds(TimeSpan? time) => (long?)time?.TotalMilliseconds;

    readonly record struct Course(DateTimeOffset Recovered, DateTimeOffset? Drained, string FinalState);
}
