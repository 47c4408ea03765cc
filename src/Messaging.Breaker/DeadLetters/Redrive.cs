using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.DeadLetters;

/// <summary>One redrive, from its order to its end.</summary>
sealed class Redrive(
    DeadLetterSource queue,
    IDeadLetterBroker broker,
    RedriveOrder order,
    RunEntry entry,
    KnownQueues queues,
    TargetGuards guards,
    HandledWatchFactory watches,
    BreakerMeter meter,
    TimeProvider time,
    ILogger log)
{
    const int LargestBatch = 32;
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);
    static readonly TimeSpan PausedStep = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>An attempt that fails is an error in the broker's log.</summary>
    static readonly TimeSpan ListenAgain = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LongestOwnLock = TimeSpan.FromMinutes(3);
    static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(30);

    /// <summary>How long a target may refuse what it is given before the run gives up.</summary>
    static readonly TimeSpan LongestRefusal = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing may happen to the last messages before they are taken for handled, where nobody tells.</summary>
    static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(5);

    readonly RedriveCourse _course = new(order, time.GetUtcNow());
    readonly Lock _lock = new();
    readonly SelectionFilter _filter = new(order);
    readonly HashSet<string> _watched = [];
    readonly HashSet<string> _gone = [];

    /// <summary>Queues of which only the failures of this instance are seen, and when to try again to hear of the others'.</summary>
    readonly Dictionary<string, DateTimeOffset> _unheard = [];

    /// <summary>Messages whose copy is confirmed and that could not be taken out when the connection was lost.</summary>
    readonly HashSet<string> _confirmed = [];
    volatile bool _isFleetHeard;
    bool _begun;
    DateTimeOffset? _refusedSince;
    DateTimeOffset? _lostSince;

    public async Task<DeadLetterRun> RunAsync(CancellationToken cancellationToken)
    {
        using var handled = watches(entry.Id, () => Tell(() => _course.Handle()), fault => Tell(() => FailHere(fault)), fault => Tell(() => _course.Fail(fault)));
        try
        {
            do
                await AwaitGuardsAsync(cancellationToken).ConfigureAwait(false);
            while (!await TryMoveAllAsync(handled, cancellationToken).ConfigureAwait(false));
            return entry.End(DeadLetterRunState.Completed, "");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return entry.End(DeadLetterRunState.Cancelled, "cancelled; what was moved is moved, the rest is where it was");
        }
        catch (StopException stop)
        {
            return entry.End(DeadLetterRunState.Stopped, stop.Message);
        }
        catch (DeadLetterException exception) when (entry.Run.Read > 0)
        {
            return entry.End(DeadLetterRunState.Stopped, exception.Message);
        }
    }

    /// <returns>False if the connection was lost.</returns>
    async Task<bool> TryMoveAllAsync(HandledWatch handled, CancellationToken cancellationToken)
    {
        try
        {
            var session = await broker.OpenAsync(queue.Name, cancellationToken).ConfigureAwait(false);
            await using var closing = (session ?? Nothing.AtAll).ConfigureAwait(false);
            if (HasForgotten(session?.Found ?? 0))
                throw new ConnectionLostException("it does not yet know what was in the queue", null);
            if (session is null)
                return true;
            if (_begun)
                entry.Restart();
            else
                entry.Change(run => run with { Found = session.Found });
            (_begun, _lostSince) = (true, null);
            _watched.Clear();
            _unheard.Clear();
            await MoveAllAsync(session, handled, cancellationToken).ConfigureAwait(false);
            await SettleAsync(session, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StaleException)
        {
            return false;
        }
        catch (ConnectionLostException exception) when (_begun)
        {
            await AwaitBrokerAsync(exception, cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (DeadLetterException exception) when (_lostSince is { } lost && time.GetUtcNow() - lost < LongestOwnLock)
        {
            // The broker may not have noticed yet that the connection is lost by which we keep others out.
            await AwaitBrokerAsync(exception, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    async Task AwaitBrokerAsync(Exception exception, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        _lostSince ??= now;
        if (now - _lostSince > order.LongestPause)
            throw new StopException($"the broker could not be reached for {order.LongestPause}: {exception.Message}");
        if (entry.Pause($"the broker is away: {exception.Message}", counts: false))
            log.RedrivePaused(queue.Name, entry.Run.Detail);
        await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A broker that has just started may say for a moment that a queue is empty, or not there.</summary>
    bool HasForgotten(long found) =>
        _lostSince is { } lost && found < entry.Run.Found - Locked(() => _course.Moved) && time.GetUtcNow() - lost < LongestRecovery;

    /// <summary>While it has to wait for long, it holds no message.</summary>
    async Task AwaitGuardsAsync(CancellationToken cancellationToken)
    {
        while (queue.Endpoint is { } endpoint && IsObstructed(endpoint))
            await Task.Delay(PausedStep, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether something is in the way at the moment; if it is for too long, the run stops.</summary>
    bool IsObstructed(string target)
    {
        if (guards.ObstacleOf(target) is not { } obstacle)
            return false;
        if (entry.Pause(obstacle.Text, counts: true))
            log.RedrivePaused(queue.Name, obstacle.Text);
        Stop(Locked(() => _course.Wait(obstacle, time.GetUtcNow())));
        return true;
    }

    async Task MoveAllAsync(IDeadLetterSession session, HandledWatch handled, CancellationToken cancellationToken)
    {
        var batch = new Batch();
        var room = 0;
        var letters = session.ReadAsync(int.MaxValue, onlyLooks: false, IsMeant, cancellationToken);
        await foreach (var letter in letters.ConfigureAwait(false))
        {
            entry.Change(run => run with { Read = run.Read + 1 });
            if (!IsMeant(letter))
                continue;
            if (letter.MessageId is { } id && _confirmed.Remove(id))
            {
                await session.SettleAsync([letter], cancellationToken).ConfigureAwait(false);
                continue;
            }

            var (target, problem) = session.TargetOf(letter, queue.Endpoint);
            if (target is null || _gone.Contains(target))
            {
                entry.Leave(problem ?? GoneText(target!));
                continue;
            }

            if (batch.Target != target)
            {
                await FlushAsync(session, batch, cancellationToken).ConfigureAwait(false);
                room = 0;
                batch.Target = target;
                await WatchAsync(session, target, handled, cancellationToken).ConfigureAwait(false);
            }

            if (room == 0)
                room = await AwaitRoomAsync(session, batch, cancellationToken).ConfigureAwait(false);
            if (_gone.Contains(target))
            {
                entry.Leave(GoneText(target));
                continue;
            }

            batch.Letters.Add(letter);
            room--;
            if (room == 0 || batch.Letters.Count >= LargestBatch)
                await FlushAsync(session, batch, cancellationToken).ConfigureAwait(false);
        }

        await FlushAsync(session, batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What failed again in this very run is not moved once more.</summary>
    bool IsMeant(DeadLetter letter) => letter.Run != entry.Id.ToString("N") && _filter.Selects(letter);

    async Task WatchAsync(IDeadLetterSession session, string target, HandledWatch handled, CancellationToken cancellationToken)
    {
        if (!_watched.Add(target))
            return;
        handled.Connect(target);
        _unheard[target] = time.GetUtcNow();
        await ListenAsync(session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is listened to is declared by the first message that fails, which may be one of ours.</summary>
    async Task ListenAsync(IDeadLetterSession session, CancellationToken cancellationToken)
    {
        foreach (var target in _unheard.Where(unheard => time.GetUtcNow() >= unheard.Value).Select(unheard => unheard.Key).ToList())
            if (await session.ListenAsync(queues.ErrorQueueOf(target), entry.Id, fault => Tell(() => _course.Fail(fault)), cancellationToken).ConfigureAwait(false))
                _unheard.Remove(target);
            else
                _unheard[target] = time.GetUtcNow() + ListenAgain;
        _isFleetHeard = _unheard.Count == 0;
    }

    void FailHere(FaultDetails fault)
    {
        if (!_isFleetHeard)
            _course.Fail(fault);
    }

    /// <summary>Waits until something may be moved; what is in the batch goes first.</summary>
    async Task<int> AwaitRoomAsync(IDeadLetterSession session, Batch batch, CancellationToken cancellationToken)
    {
        await FlushAsync(session, batch, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfToStop();
            if (session.IsStale)
                throw new StaleException();
            await ListenAsync(session, cancellationToken).ConfigureAwait(false);
            if (IsObstructed(batch.Target!))
            {
                await Task.Delay(PausedStep, time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (await session.CountAsync(batch.Target!, cancellationToken).ConfigureAwait(false) is not { } waiting)
            {
                _gone.Add(batch.Target!);
                return 0;
            }

            if (_refusedSince is null && entry.GoOn())
                log.RedriveGoesOn(queue.Name);
            if (Locked(() => _course.Room(waiting, guards.RampLimitOf(batch.Target!), time.GetUtcNow())) is > 0 and var room)
                return Math.Min(room, LargestBatch);
            await Task.Delay(Step, time, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task FlushAsync(IDeadLetterSession session, Batch batch, CancellationToken cancellationToken)
    {
        while (batch.Letters.Count > 0)
        {
            // A batch that was begun is brought to its end, so that a cancelled run leaves no doubles.
            var results = await session.PublishAsync(batch.Letters, batch.Target!, entry.Id, CancellationToken.None).ConfigureAwait(false);
            var confirmed = batch.Letters.Where((_, at) => results[at] == MoveResult.Confirmed).ToList();
            foreach (var letter in confirmed)
                if (letter.MessageId is { } id)
                    _confirmed.Add(id);
            Tell(() => _course.Move(confirmed.Count, time.GetUtcNow()));
            await session.SettleAsync(confirmed, CancellationToken.None).ConfigureAwait(false);
            foreach (var letter in confirmed)
                if (letter.MessageId is { } id)
                    _confirmed.Remove(id);
            if (results.Contains(MoveResult.Gone))
                _gone.Add(batch.Target!);
            foreach (var result in results)
                if (result == MoveResult.Gone)
                    entry.Leave(GoneText(batch.Target!));
            var refused = batch.Letters.Where((_, at) => results[at] == MoveResult.Refused).ToList();
            batch.Letters.Clear();
            if (refused.Count == 0)
            {
                _refusedSince = null;
                return;
            }

            batch.Letters.AddRange(refused);
            await AwaitAcceptanceAsync(batch.Target!, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task AwaitAcceptanceAsync(string target, CancellationToken cancellationToken)
    {
        var text = $"queue '{target}' refuses what is published to it; it has reached its x-max-length or x-max-length-bytes";
        var now = time.GetUtcNow();
        _refusedSince ??= now;
        if (now - _refusedSince > LongestRefusal)
            throw new StopException(text + ". Let its endpoint run, or raise the limit, and order the redrive again");
        if (entry.Pause(text, counts: false))
            log.RedrivePaused(queue.Name, text);
        await Task.Delay(PausedStep, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The last messages are moved: what becomes of them?</summary>
    async Task SettleAsync(IDeadLetterSession session, CancellationToken cancellationToken)
    {
        var (last, since) = (-1L, time.GetUtcNow());
        while (!Locked(() => _course.IsSettled))
        {
            ThrowIfToStop();
            await ListenAsync(session, cancellationToken).ConfigureAwait(false);
            var now = time.GetUtcNow();
            var known = Locked(() => _course.Handled + _course.Failed);
            long waiting = 0;
            var isPaused = false;
            foreach (var target in _watched)
            {
                waiting += await session.CountAsync(target, cancellationToken).ConfigureAwait(false) ?? 0;
                isPaused |= IsObstructed(target);
            }

            if (!isPaused && entry.GoOn())
                log.RedriveGoesOn(queue.Name);
            if (known != last || waiting > 0 || isPaused)
                (last, since) = (known, now);
            else if (now - since > LongestQuiet)
                break;
            await Task.Delay(isPaused ? PausedStep : Step, time, cancellationToken).ConfigureAwait(false);
        }

        ThrowIfToStop();
    }

    static string GoneText(string target) => $"their queue '{target}' no longer exists; declare it, as by starting its endpoint, and order the redrive again";

    void ThrowIfToStop() => Stop(Locked(_course.ReasonToStop));

    static void Stop(string? reason)
    {
        if (reason is not null)
            throw new StopException(reason);
    }

    void Tell(Action tell)
    {
        long moved, failed, movedBefore, failedBefore;
        lock (_lock)
        {
            (movedBefore, failedBefore) = (_course.Moved, _course.Failed);
            tell();
            (moved, failed) = (_course.Moved, _course.Failed);
        }

        Count(meter.Redriven, moved - movedBefore);
        Count(meter.FailedAgain, failed - failedBefore);
        // Whoever is told in between may be later here with what is older.
        entry.Change(run => run with { Moved = Math.Max(run.Moved, moved), FailedAgain = Math.Max(run.FailedAgain, failed) });
    }

    void Count(SafeCounter counter, long messages)
    {
        if (messages > 0)
            counter.Add(messages, Tags.Of(Tags.Endpoint, queue.Name));
    }

    T Locked<T>(Func<T> read)
    {
        lock (_lock)
            return read();
    }

    sealed class Batch
    {
        public List<DeadLetter> Letters { get; } = [];

        public string? Target { get; set; }
    }

    sealed class Nothing : IAsyncDisposable
    {
        public static IAsyncDisposable AtAll { get; } = new Nothing();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    sealed class StaleException : Exception;

    sealed class StopException(string reason) : Exception(reason);
}
