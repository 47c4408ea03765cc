using System.Globalization;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.DeadLetters;

/// <summary>Creates the watch of one run.</summary>
delegate HandledWatch HandledWatchFactory(Guid run, Action handled, Action<FaultDetails> failed, Action<FaultDetails> skipped);

/// <summary>Takes orders about dead letters, and keeps the ledger.</summary>
sealed class DeadLetterService(
    KnownQueues queues,
    EndpointRegistry endpoints,
    IBreakerRegistry breakers,
    TripRecorder trips,
    LedgerKeeper keeper,
    FleetLedger fleet,
    IOptions<DeadLetterOptions> options,
    BreakerMeter meter,
    TimeProvider time,
    ILoggerFactory loggers)
    : IDeadLetters
{
    const int ProgressEvery = 1000;
    const int LongestName = 200;
    const int MostListed = 200;
    const int LongestProblem = 500;

    readonly ILogger _log = loggers.CreateLog();
    readonly RunLedger _ledger = new();

    public IReadOnlyList<DeadLetterSource> Queues => queues.Offered;

    public IReadOnlyList<DeadLetterRun> Runs => _ledger.Runs;

    public async Task<DeadLetterLedger> ReadLedgerAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DeadLetterRun> runs = [];
        IReadOnlyList<DeadLetterTrip> outages = [];
        string? problem = null;
        try
        {
            runs = await keeper.ReadRunsAsync(cancellationToken).ConfigureAwait(false);
            outages = await keeper.ReadTripsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            problem = OneLine.Of(exception.Message, LongestProblem);
        }

        return new DeadLetterLedger
        {
            Runs = [.. Runs.UnionBy(runs, run => run.Id).OrderByDescending(run => run.Began).Take(MostListed)],
            Trips = [.. trips.Trips.UnionBy(outages, trip => trip.Id).OrderByDescending(trip => trip.Began).Take(MostListed)],
            Problem = problem,
        };
    }

    public async Task<DeadLetterReport> LookAsync(
        string queue, LookOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new LookOptions();
        if (options.MostMessages < 1)
            throw new ArgumentException($"{nameof(LookOptions)}: {nameof(options.MostMessages)} is {options.MostMessages}: must be at least 1.", nameof(options));
        var (known, broker) = queues.Get(queue);
        var book = new DeadLetterGrouping(options.WithBodies);
        try
        {
            var session = await broker.OpenAsync(queue, cancellationToken).ConfigureAwait(false);
            if (session is null)
                return Report(known, book, 0, 0);
            await using var closing = session.ConfigureAwait(false);
            await foreach (var letter in session.ReadAsync(options.MostMessages, onlyLooks: true, letter => options.WithBodies && book.IsFirst(letter), cancellationToken).ConfigureAwait(false))
            {
                book.Add(letter);
                if (book.Messages % ProgressEvery == 0)
                    progress?.Report(book.Messages);
            }

            return Report(known, book, Math.Max(0, session.Found - book.Messages), session.OtherConsumers);
        }
        catch (ConnectionLostException exception)
        {
            throw new DeadLetterException($"Queue '{queue}' cannot be read: {exception.Message}. Its messages are unchanged; try again when the broker is back.", exception);
        }
    }

    public async Task<DeadLetterRun> RedriveAsync(
        string queue, RedriveOrder order, IProgress<DeadLetterRun>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        order.Check();
        var (known, broker) = queues.Get(queue);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var entry = Begin(DeadLetterAction.Redrive, known, order, progress, end, null);
        var redrive = new Redrive(
            known, broker, order, entry, queues, new TargetGuards(endpoints, breakers), (run, handled, failed, skipped) => new HandledWatch(endpoints, run, handled, failed, skipped), meter, time, _log);
        return await RunAsync(entry, () => redrive.RunAsync(end.Token)).ConfigureAwait(false);
    }

    public async Task<DeadLetterRun> DiscardAsync(
        string queue, DiscardOrder order, IProgress<DeadLetterRun>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        var (known, broker) = queues.Get(queue);
        _ = OneLine.Reason(order.Reason, $"queue '{queue}'");
        var path = order.File ?? (order.ConfirmLossOf is null && options.Value.DiscardDirectory is { } directory ? NewFile(directory, queue) : null);
        if (path is null && order.ConfirmLossOf != queue)
            throw new ArgumentException(
                $"{nameof(DiscardOrder)}: {nameof(order.File)} is null, and {nameof(order.ConfirmLossOf)} is {(order.ConfirmLossOf is null ? "null" : $"'{OneLine.Of(order.ConfirmLossOf, LongestName)}'")}: "
                + $"name a file, set {nameof(DeadLetterOptions.DiscardDirectory)}, or confirm with '{queue}' that the messages are deleted without a copy.",
                nameof(order));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var file = path is null ? null : DiscardFile.Create(path);
        try
        {
            var entry = Begin(DeadLetterAction.Discard, known, order, progress, end, file?.Path);
            return await RunAsync(entry, () => new Discard(known, broker, order, file, entry).RunAsync(end.Token)).ConfigureAwait(false);
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    public bool Cancel(Guid run)
    {
        var entry = _ledger.Find(run);
        entry?.Cancel();
        return entry is not null;
    }

    static DeadLetterReport Report(DeadLetterSource queue, DeadLetterGrouping book, long unread, int consumers) => new()
    {
        Queue = queue,
        Messages = book.Messages,
        Unread = unread,
        Groups = book.Groups,
        Ungrouped = book.Ungrouped,
        OtherConsumers = consumers,
    };

    static (string Text, bool IsFinal) Write(DeadLetterRun run) => (LedgerFormat.Write(run), run.Ended is not null);

    RunEntry Begin(
        DeadLetterAction action, DeadLetterSource queue, DeadLetterSelection order, IProgress<DeadLetterRun>? progress, CancellationTokenSource end, string? file)
    {
        var run = new DeadLetterRun
        {
            Id = Guid.NewGuid(),
            Action = action,
            Queue = queue.Name,
            Group = order.Group,
            By = OneLine.Of(string.IsNullOrWhiteSpace(order.By) ? $"{Environment.UserName} on {Environment.MachineName}" : order.By.Trim(), LongestName),
            Reason = OneLine.Reason(order.Reason, $"queue '{queue.Name}'"),
            Instance = fleet.Instance,
            State = DeadLetterRunState.Running,
            Began = time.GetUtcNow(),
            File = file,
        };
        var entry = new RunEntry(run, time, progress, end);
        _ledger.Add(entry);
        keeper.Keep(LedgerFormat.Runs, run.Id, () => Write(entry.Run));
        _log.DeadLetterRunBegan(action, queue.Name, run.By, run.Reason);
        return entry;
    }

    void LogEnd(DeadLetterRun run) => _log.DeadLetterRunEnded(
        run.State == DeadLetterRunState.Stopped ? LogLevel.Warning : LogLevel.Information,
        run.Action, run.Queue, run.State, run.Moved, run.FailedAgain, run.Detail.Length > 0 ? $": {run.Detail}" : "");

    async Task<DeadLetterRun> RunAsync(RunEntry entry, Func<Task<DeadLetterRun>> work)
    {
        try
        {
            var run = await work().ConfigureAwait(false);
            LogEnd(run);
            return run;
        }
        catch (Exception exception)
        {
            LogEnd(entry.End(DeadLetterRunState.Stopped, exception.Message));
            if (exception is ConnectionLostException)
                throw new DeadLetterException($"Queue '{entry.Run.Queue}' cannot be read: {exception.Message}. Nothing was changed; try again when the broker is back.", exception);
            throw;
        }
        finally
        {
            keeper.Wake();
        }
    }

    string NewFile(string directory, string queue)
    {
        var name = new string([.. queue.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '_')]);
        return Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{name}-{time.GetUtcNow():yyyyMMdd-HHmmss}-{Guid.NewGuid().ToString("N")[..6]}.jsonl"));
    }
}
