using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SampleWorkers.Hosting;
using SampleWorkers.Mail;
using SampleWorkers.Payments;
using SampleWorkers.Shop;
using Spectre.Console;

namespace SampleWorkers.Drill;

/// <summary>
/// Orders at a steady rate, one worker, and a payments service that is down for a while. What the worker and the broker make of it is
/// read from the broker, the payments service and the ledger of handled orders.
/// </summary>
sealed class DrillRun
{
    readonly DrillSettings _settings;
    readonly Action<DrillMoment> _progress;
    readonly DrillLedger _ledger = new();
    readonly OutageRecorder _outage = new();
    readonly TransitionRecorder _transitions = new();
    readonly OpenLogCounter _logs = new();
    readonly PaymentsService _payments;
    readonly string _prefix = $"drill-{Guid.NewGuid():N}"[..14];

    public DrillRun(DrillSettings settings, Action<DrillMoment> progress)
    {
        _settings = settings;
        _progress = progress;
        _payments = new PaymentsService(_outage);
    }

    public IReadOnlyCollection<string> LastWarnings => _logs.LastWarnings;

    string Orders => $"{_prefix}-charge-order";

    string Receipts => $"{_prefix}-send-receipt";

    /// <exception cref="Transport.BrokerUnreachableException">There is no broker, or it refused us.</exception>
    public async Task<DrillFigures> RunAsync(CancellationToken cancellationToken)
    {
        await using var queue = await ConnectAsync(cancellationToken);
        await using var payments = await LoopbackServer.StartAsync(web => web.MapPayments(_payments), cancellationToken);
        await using var mail = await LoopbackServer.StartAsync(web => web.MapMail(), cancellationToken);
        using var host = BuildWorker(queue, payments.Address, mail.Address);

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var registry = host.Services.GetRequiredService<IBreakerRegistry>();
        var breaker = registry[Dependencies.Payments];
        var sampler = new OpenSampler(breaker, queue, _settings.Settling);
        _outage.Watch(breaker);
        _logs.Watch(breaker);

        await host.StartAsync(cancellationToken);
        if (host.FindPage() is { } page)
            Terminal.Console.WriteLine($"The page of the breakers: {page}");
        Course course;
        BreakerState finalState;
        try
        {
            await queue.PrepareAsync(cancellationToken);
            var watchers = Task.WhenAll(
                _transitions.WatchAsync(registry, breaker.Name, watching.Token),
                sampler.RunAsync(watching.Token));

            course = await RunCourseAsync(host.Services.GetRequiredService<IBus>(), breaker, queue, cancellationToken);
            finalState = breaker.State;

            await watching.CancelAsync();
            await watchers;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        return Conclude(course, finalState, sampler, queue.Notes, await queue.CollectAsync(cancellationToken));
    }

    async Task<IDrillQueue> ConnectAsync(CancellationToken cancellationToken) => _settings.Broker is { } broker
        ? await RabbitMqDrillQueue.ConnectAsync(broker, _settings, Orders, Receipts, cancellationToken)
        : new InMemoryDrillQueue(Orders);

    IHost BuildWorker(IDrillQueue queue, Uri payments, Uri mail) => WorkerHost.Build(_settings.Page, builder =>
    {
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(_logs.CreateProvider());
        builder.Services.AddShop(
            new ShopSettings
            {
                Broker = queue.WorkerAddress,
                Payments = payments,
                Mail = mail,
                PaymentsTimeout = _settings.ClientTimeout,
                QueuePrefix = _prefix,
                QueueType = _settings.QueueType,
                DeliveryLimit = _settings.DeliveryLimit,
                Prefetch = _settings.Prefetch,
                PaymentsBreaker = ConfigureBreaker,
                WatchQueues = _settings.Page is not null && _settings.Broker is not null, // Only for the page: nobody else looks.
            },
            _ledger,
            queue.ConfigureBus);
    });

    void ConfigureBreaker(BreakerOptions options)
    {
        options.BreakDuration = _settings.Break;
        options.MaxBreakDuration = _settings.MaxBreak;
        if (_settings.Failure is not PaymentsMode.Slow)
            return;
        options.SlowCallDuration = TimeSpan.FromMilliseconds(500);
        options.SlowCallRatio = 0.5;
    }

    async Task<Course> RunCourseAsync(IBus bus, IBreaker breaker, IDrillQueue queue, CancellationToken cancellationToken)
    {
        var started = DateTimeOffset.UtcNow;
        var recovery = BreakPaymentsAsync(cancellationToken);
        var publishing = Pace.RunAsync(_settings.Rate, _settings.Messages, number => PublishAsync(bus, number, cancellationToken), cancellationToken);

        DateTimeOffset? drained = null;
        DateTimeOffset? deadline = null;
        var setAside = 0L;
        var nextCount = started;
        while (!publishing.IsFaulted && !(DateTimeOffset.UtcNow >= deadline))
        {
            var published = _ledger.Published;
            var ready = (await queue.ReadAsync(cancellationToken))?.Ready;
            var now = DateTimeOffset.UtcNow;
            if (now >= nextCount)
            {
                setAside = await queue.CountSetAsideAsync(cancellationToken);
                nextCount = now + TimeSpan.FromSeconds(1); // Mostly about queues that do not exist, which costs the broker a channel.
            }
            var waiting = published - _ledger.Handled - setAside;
            _progress(new DrillMoment(now - started, published, _ledger.Handled, ready, _payments.Mode, breaker.State));

            if (recovery.IsCompleted && breaker.State is BreakerState.Closed && ready is null or 0 && waiting <= _settings.Prefetch)
                drained ??= now;
            if (recovery.IsCompleted && publishing.IsCompleted)
            {
                deadline ??= now + _settings.Patience;
                if (waiting <= 0 && ready is null or 0)
                    break;
            }

            await Task.Delay(25, cancellationToken);
        }

        await publishing;
        return new Course(await recovery, drained);
    }

    async Task PublishAsync(IBus bus, long number, CancellationToken cancellationToken)
    {
        var order = OrderPlaced.Next(number);
        await bus.PublishOrderAsync(order, cancellationToken);
        _ledger.Confirmed(order.OrderId);
    }

    async Task<DateTimeOffset> BreakPaymentsAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_settings.Outage.Start, cancellationToken);
        _payments.Mode = _settings.Failure;
        await Task.Delay(_settings.Outage.End - _settings.Outage.Start, cancellationToken);
        _payments.Mode = PaymentsMode.Up;
        _outage.Recovered();
        return DateTimeOffset.UtcNow;
    }

    DrillFigures Conclude(Course course, BreakerState finalState, OpenSampler sampler, IReadOnlyList<string> notes, Leftovers leftovers) => new()
    {
        Published = _ledger.Published,
        Handled = _ledger.Handled,
        Duplicates = _ledger.Duplicates,
        DeadLettered = leftovers.DeadLettered.Count,
        Skipped = leftovers.Skipped.Count,
        FaultsPublished = leftovers.Faults,
        Lost = _ledger.CountLost(leftovers.Queued, leftovers.DeadLettered, leftovers.Skipped),
        CallsWhileDown = _payments.GetFigures().CallsWhileDown,
        CallsBeforeTrip = _outage.CallsBeforeTrip,
        Probes = _outage.Probes,
        Trips = _transitions.Trips,
        ConsumersWhileOpen = sampler.ConsumersWhileOpen,
        UnackedWhileOpen = sampler.UnackedWhileOpen,
        ProbePrefetch = sampler.ProbePrefetch,
        FirstSuccessAfterRecoveryMs = Milliseconds(_outage.FirstSuccess - course.Recovered),
        DrainedAfterRecoveryMs = Milliseconds(course.Drained - course.Recovered),
        LogLinesWhileOpen = _logs.LinesWhileOpen,
        EngineState = $"{finalState}",
        Reopens = _transitions.Reopens,
        RestOfBreakMs = (long)_transitions.RestOfBreak(course.Recovered).TotalMilliseconds,
        StillQueued = leftovers.Queued.Count,
        Receipts = _ledger.Receipts,
        Notes = notes,
    };

    static long? Milliseconds(TimeSpan? time) => (long?)time?.TotalMilliseconds;

    readonly record struct Course(DateTimeOffset Recovered, DateTimeOffset? Drained);
}
