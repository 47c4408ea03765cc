using System.Globalization;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Writes this instance's ledger entries to the fleet's store, and reads those of the others. Only this class waits for the store; a run never
/// does. It is idle while no run is in progress. Thread-safe.
/// </summary>
sealed class LedgerKeeper(FleetLedger fleet, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    const int MostPending = 500;

    /// <summary>How often an entry is written while its run is in progress, which shows the others that its instance is alive.</summary>
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>How long a run may be silent before its instance counts as gone.</summary>
    static readonly TimeSpan LongestSilence = 3 * Beat;
    static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);

    readonly ILogger _log = loggers.CreateLog();
    readonly Lock _lock = new();
    readonly Dictionary<(string List, string Id), Func<(string Text, bool IsFinal)>> _pending = [];
    readonly AsyncSignal _woken = new();
    bool _isFailing;

    /// <summary>Writes an entry, repeatedly until it is final.</summary>
    /// <param name="list">The list.</param>
    /// <param name="id">The entry's id.</param>
    /// <param name="read">Returns the current entry.</param>
    public void Keep(string list, Guid id, Func<(string Text, bool IsFinal)> read) => Keep(list, id.ToString("N"), read);

    /// <inheritdoc cref="Keep(string, Guid, Func{ValueTuple{string, bool}})"/>
    public void Keep(string list, string id, Func<(string Text, bool IsFinal)> read)
    {
        if (!fleet.IsShared)
            return;
        lock (_lock)
            if (_pending.Count < MostPending || _pending.ContainsKey((list, id)))
                _pending[(list, id)] = read;
        Wake();
    }

    /// <summary>An entry has changed in a way that others should see at once.</summary>
    public void Wake() => _woken.Raise();

    /// <summary>The runs of the fleet, in any order; unreadable ones are skipped.</summary>
    public async Task<IReadOnlyList<DeadLetterRun>> ReadRunsAsync(CancellationToken cancellationToken)
    {
        var entries = await fleet.ReadAsync(LedgerFormat.Runs, cancellationToken).ConfigureAwait(false);
        return [.. entries.OfType<SharedLedgerEntry>().Select(entry => (Run: LedgerFormat.ReadRun(entry.Text), entry.Age)).Where(entry => entry.Run is not null)
            .Select(entry => entry.Run!.Ended is null && entry.Age > LongestSilence ? EndLost(entry.Run, entry.Age) : entry.Run)];
    }

    /// <summary>The trips of the fleet, in any order; unreadable ones are skipped.</summary>
    public async Task<IReadOnlyList<DeadLetterTrip>> ReadTripsAsync(CancellationToken cancellationToken)
    {
        var entries = await fleet.ReadAsync(LedgerFormat.Trips, cancellationToken).ConfigureAwait(false);
        return [.. entries.OfType<SharedLedgerEntry>().Select(entry => LedgerFormat.ReadTrip(entry.Text)).OfType<DeadLetterTrip>()];
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(LongestGoodbye, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await ((Task)WriteAllAsync(either.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var woken = _woken.Next;
            var isEmpty = await WriteAllAsync(stoppingToken).ConfigureAwait(false);
            using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(woken, Task.Delay(isEmpty ? Timeout.InfiniteTimeSpan : Beat, time, awake.Token)).ConfigureAwait(false);
            await awake.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <returns>Whether nothing is left to write.</returns>
    async Task<bool> WriteAllAsync(CancellationToken cancellationToken)
    {
        KeyValuePair<(string List, string Id), Func<(string Text, bool IsFinal)>>[] due;
        lock (_lock)
            due = [.. _pending];
        try
        {
            foreach (var (key, read) in due)
            {
                var (text, isFinal) = read();
                await fleet.PutAsync(key.List, key.Id, text, cancellationToken).ConfigureAwait(false);
                if (isFinal)
                    Forget(key, read);
            }

            if (due.Length > 0 && _isFailing)
                _log.LedgerWritten();
            _isFailing &= due.Length == 0;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_isFailing)
                _log.LedgerUnwritten(exception.Message);
            _isFailing = true;
        }

        lock (_lock)
            return _pending.Count == 0;
    }

    /// <summary>Unless a newer one was set in the meantime.</summary>
    void Forget((string List, string Id) key, Func<(string Text, bool IsFinal)> written)
    {
        lock (_lock)
            if (_pending.TryGetValue(key, out var known) && known == written)
                _pending.Remove(key);
    }

    DeadLetterRun EndLost(DeadLetterRun run, TimeSpan silent) => run with
    {
        State = DeadLetterRunState.Stopped,
        Detail = string.Create(
            CultureInfo.InvariantCulture, $"instance '{run.Instance}' has been silent for {silent.TotalSeconds:0} s; messages already moved stay moved, the others are still in the queue. Order it again"),
        Ended = time.GetUtcNow() - silent < run.Began ? run.Began : time.GetUtcNow() - silent,
    };
}
