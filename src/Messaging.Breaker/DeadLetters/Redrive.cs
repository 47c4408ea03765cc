using Messaging.Breaker.Diagnostics;
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
    static readonly TimeSpan LongestOwnLock = TimeSpan.FromMinutes(3);
    static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(30);

    /// <summary>How long a target may refuse messages before the run gives up.</summary>
    static readonly TimeSpan LongestRefusal = TimeSpan.FromSeconds(30);

    /// <summary>Where nobody reports handled messages: how long nothing may happen to the last ones before they count as handled.</summary>
    static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(5);

    readonly RedriveProgress _progress = new(order, entry, meter, queue.Name, time);
    readonly SelectionFilter _filter = new(order);
    readonly HashSet<string> _gone = [];

    /// <summary>Messages whose copy is confirmed, but which could not be removed when the connection was lost.</summary>
    readonly HashSet<string> _confirmed = [];
    bool _begun;
    DateTimeOffset? _refusedSince;
    DateTimeOffset? _lostSince;

    public async Task<DeadLetterRun> RunAsync(CancellationToken cancellationToken)
    {
        var failures = new RepeatedFailures(_progress, queues, entry.Id, time);
        using var handled = watches(entry.Id, () => _progress.Tell(course => course.Handle()), failures.FailHere, failures.Fail);
        try
        {
            do
                await AwaitGuardsAsync(cancellationToken).ConfigureAwait(false);
            while (!await TryMoveAllAsync(failures, handled, cancellationToken).ConfigureAwait(false));
            return entry.End(DeadLetterRunState.Completed, "");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return entry.End(DeadLetterRunState.Cancelled, "cancelled; messages already moved stay moved, the others are still in the queue");
        }
        catch (RedriveStopException stop)
        {
            return entry.End(DeadLetterRunState.Stopped, stop.Message);
        }
        catch (DeadLetterException exception) when (entry.Run.Read > 0)
        {
            return entry.End(DeadLetterRunState.Stopped, exception.Message);
        }
    }

    /// <returns>False if the connection was lost.</returns>
    async Task<bool> TryMoveAllAsync(RepeatedFailures failures, HandledWatch handled, CancellationToken cancellationToken)
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
            failures.Restart();
            await MoveAllAsync(session, failures, handled, cancellationToken).ConfigureAwait(false);
            await SettleAsync(session, failures, cancellationToken).ConfigureAwait(false);
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
            // The broker may not have noticed yet that the connection is lost that keeps other runs out.
            await AwaitBrokerAsync(exception, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    async Task AwaitBrokerAsync(Exception exception, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        _lostSince ??= now;
        if (now - _lostSince > order.LongestPause)
            throw new RedriveStopException($"the broker could not be reached for {order.LongestPause}: {exception.Message}");
        if (entry.Pause($"the broker is away: {exception.Message}", counts: false))
            log.RedrivePaused(queue.Name, entry.Run.Detail);
        await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A broker that has just started may briefly report that a queue is empty or missing.</summary>
    bool HasForgotten(long found) =>
        _lostSince is { } lost && found < entry.Run.Found - _progress.Read(course => course.Moved) && time.GetUtcNow() - lost < LongestRecovery;

    /// <summary>Holds no message during the wait, which can be long.</summary>
    async Task AwaitGuardsAsync(CancellationToken cancellationToken)
    {
        while (queue.Endpoint is { } endpoint && IsObstructed(endpoint))
            await Task.Delay(PausedStep, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether something is in the way now. If it stays there for too long, the run stops.</summary>
    bool IsObstructed(string target)
    {
        if (guards.ObstacleOf(target) is not { } obstacle)
            return false;
        if (entry.Pause(obstacle.Text, counts: true))
            log.RedrivePaused(queue.Name, obstacle.Text);
        RedriveStopException.ThrowIf(_progress.Read(course => course.Wait(obstacle, time.GetUtcNow())));
        return true;
    }

    async Task MoveAllAsync(IDeadLetterSession session, RepeatedFailures failures, HandledWatch handled, CancellationToken cancellationToken)
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
                await failures.WatchAsync(session, target, handled, cancellationToken).ConfigureAwait(false);
            }

            if (room == 0)
                room = await AwaitRoomAsync(session, batch, failures, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Whether to move the message. One that failed again in this run is not moved a second time.</summary>
    bool IsMeant(DeadLetter letter) => letter.Run != entry.Id.ToString("N") && _filter.Selects(letter);

    /// <summary>Publishes what is in the batch, then waits until more may be moved.</summary>
    async Task<int> AwaitRoomAsync(IDeadLetterSession session, Batch batch, RepeatedFailures failures, CancellationToken cancellationToken)
    {
        await FlushAsync(session, batch, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _progress.ThrowIfToStop();
            if (session.IsStale)
                throw new StaleException();
            await failures.ListenAsync(session, cancellationToken).ConfigureAwait(false);
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
            if (_progress.Read(course => course.Room(waiting, guards.RampLimitOf(batch.Target!), time.GetUtcNow())) is > 0 and var room)
                return Math.Min(room, LargestBatch);
            await Task.Delay(Step, time, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task FlushAsync(IDeadLetterSession session, Batch batch, CancellationToken cancellationToken)
    {
        while (batch.Letters.Count > 0)
        {
            // A batch that was begun is completed, so that a cancelled run leaves no duplicates.
            var results = await session.PublishAsync(batch.Letters, batch.Target!, entry.Id, CancellationToken.None).ConfigureAwait(false);
            var confirmed = batch.Letters.Where((_, at) => results[at] == MoveResult.Confirmed).ToList();
            foreach (var letter in confirmed)
                if (letter.MessageId is { } id)
                    _confirmed.Add(id);
            _progress.Tell(course => course.Move(confirmed.Count, time.GetUtcNow()));
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
            throw new RedriveStopException(text + ". Resume its endpoint or raise the limit, then start the redrive again");
        if (entry.Pause(text, counts: false))
            log.RedrivePaused(queue.Name, text);
        await Task.Delay(PausedStep, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All messages are moved. Waits to see what becomes of the last ones.</summary>
    async Task SettleAsync(IDeadLetterSession session, RepeatedFailures failures, CancellationToken cancellationToken)
    {
        var (last, since) = (-1L, time.GetUtcNow());
        while (!_progress.Read(course => course.IsSettled))
        {
            _progress.ThrowIfToStop();
            await failures.ListenAsync(session, cancellationToken).ConfigureAwait(false);
            var now = time.GetUtcNow();
            var known = _progress.Read(course => course.Handled + course.Failed);
            long waiting = 0;
            var isPaused = false;
            foreach (var target in failures.Targets)
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

        _progress.ThrowIfToStop();
    }

    static string GoneText(string target) => $"their queue '{target}' no longer exists; declare it, as by starting its endpoint, and order the redrive again";

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
}
