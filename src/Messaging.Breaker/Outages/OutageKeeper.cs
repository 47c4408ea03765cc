using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Outages;

/// <summary>
/// Reports each outage when it is over: in the ledger at once, and by a log line and an event when its backlog is gone. In a fleet, the
/// instance that closed the breaker does this; if it does not, another instance does. It is idle while there is nothing to report.
/// </summary>
sealed class OutageKeeper(OutageTracker book, LedgerKeeper ledger, FleetLedger fleet, TimeProvider time, ILoggerFactory loggers) : BackgroundService, IOutageReports
{
    const int MostUnread = 100;
    const int MostListed = 200;
    const int LongestProblem = 500;
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(15);

    /// <summary>How long the fleet has to identify an outage that has ended here: its store may be away.</summary>
    static readonly TimeSpan LongestUnnamed = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the instance that closed the breaker has to write the outage before another does, and the interval over which the others
    /// spread.
    /// </summary>
    static readonly TimeSpan LongestUnwritten = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Spread = TimeSpan.FromSeconds(20);

    /// <summary>How long other instances may need to read that it is written.</summary>
    static readonly TimeSpan LongestRace = TimeSpan.FromSeconds(5);

    readonly Broadcast<OutageReport> _watchers = new(MostUnread);
    readonly ILogger _log = loggers.CreateLog();
    readonly Dictionary<OutageRecord, TimeSpan> _turns = [];
    readonly Dictionary<OutageRecord, long> _claims = [];
    readonly HashSet<OutageRecord> _written = [];

    public IReadOnlyList<OutageReport> Outages => [.. book.Over.Select(ReportOf).OfType<OutageReport>()];

    public async Task<OutageList> ReadAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<OutageReport> shared = [];
        string? problem = null;
        try
        {
            shared = await ReadSharedAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            problem = OneLine.Of(exception.Message, LongestProblem);
        }

        var own = Outages;
        // An outage that the fleet has not identified yet counts as unwritten too.
        return new OutageList
        {
            Outages = [.. shared.UnionBy(own, report => report.Id).OrderByDescending(report => report.Ended).Take(MostListed)],
            Problem = problem,
        };
    }

    public IAsyncEnumerable<OutageReport> WatchAsync(CancellationToken cancellationToken = default) => _watchers.WatchAsync(cancellationToken);

    /// <summary>
    /// Outages that are not drained yet are reported as they are, before the ledger is closed. Those that the fleet has not identified are left
    /// to other instances, so that none is reported twice.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        foreach (var record in book.Over.Where(record => record is { IsReported: false }))
        {
            Name(record);
            book.Read(() =>
            {
                if (!record.IsFinal)
                    record.Finish(OutageDrain.Stopped, null);
                return true;
            });
            if (record.IsOurs)
                Tell(record, ReportOf(record)!);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = book.Changed.Next;
            var due = book.Over.Where(record => !record.IsReported).ToList();
            foreach (var record in due)
                await StepAsync(record, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var gone in _turns.Keys.Except(due).ToList())
            {
                _turns.Remove(gone);
                _claims.Remove(gone);
            }

            _written.IntersectWith(due);
            using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(changed, Task.Delay(due.Count == 0 ? Timeout.InfiniteTimeSpan : Look, time, awake.Token)).ConfigureAwait(false);
            await awake.CancelAsync().ConfigureAwait(false);
        }
    }

    async Task StepAsync(OutageRecord record, CancellationToken cancellationToken)
    {
        book.Read(() =>
        {
            record.Look(time.GetUtcNow(), LongestDrain);
            return true;
        });
        Name(record);
        if (record.Id is not { } id)
            return;
        if (_written.Add(record))
            Keep(record, id);
        if (record.IsOurs)
        {
            if (record.IsFinal)
                Tell(record, await MergedAsync(record, id, cancellationToken).ConfigureAwait(false));
        }
        else if (time.GetUtcNow() - record.End!.At >= TurnOf(record))
            await TakeOverAsync(record, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// In a fleet, the state that ended the outage identifies it. If only this instance knows of it, or cannot tell, it gets its own id.
    /// </summary>
    void Name(OutageRecord record)
    {
        if (record.Id is null && (record.Breaker.IsLocal || !fleet.IsShared || time.GetUtcNow() - record.End!.At >= LongestUnnamed))
            book.NameAlone(record, fleet.Instance);
    }

    void Keep(OutageRecord record, string id)
    {
        if (record.IsOurs)
            ledger.Keep(OutageFormat.List, id, () => (OutageFormat.Write(ReportOf(record)!), IsFinal: true));
        else if (record.HasCounts)
            ledger.Keep(OutageFormat.Shares, OutageFormat.ShareOf(id, fleet.Instance), () => (OutageFormat.Write(ReportOf(record)!), IsFinal: true));
    }

    void Tell(OutageRecord record, OutageReport report)
    {
        record.IsReported = true;
        Keep(record, report.Id);
        _log.OutageEnded(
            report.Breaker, OutageText.Of(report), report.Began, report.Ended, report.Reopens, report.Calls, report.Delayed, report.CallsSpared, report.DrainedIn);
        _watchers.Publish(report);
    }

    /// <summary>Includes the counts of the other instances, if they can be read now.</summary>
    async Task<OutageReport> MergedAsync(OutageRecord record, string id, CancellationToken cancellationToken)
    {
        var report = ReportOf(record)!;
        if (!fleet.IsShared || record.Breaker.IsLocal)
            return report;
        try
        {
            var shares = await fleet.ReadAsync(OutageFormat.Shares, cancellationToken).ConfigureAwait(false);
            return OutageFormat.Merge([new SharedLedgerEntry(id, OutageFormat.Write(report), TimeSpan.Zero)], shares) is [var merged] ? merged : report;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return report;
        }
    }

    /// <summary>The instance that closed the breaker has not written the outage: it is not an instance, or has died since.</summary>
    async Task TakeOverAsync(OutageRecord record, string id, CancellationToken cancellationToken)
    {
        var hasClaimed = _claims.TryGetValue(record, out var claimed);
        if (hasClaimed && time.GetElapsedTime(claimed) < LongestRace)
            return;
        var known = await ReadSharedAsync(cancellationToken).ConfigureAwait(false);
        if (known.FirstOrDefault(report => report.Id == id) is { } written)
        {
            // If several write at the same time, the last one reports.
            record.IsOurs = hasClaimed && written.Instance == fleet.Instance;
            record.IsReported = !record.IsOurs;
            return;
        }

        _claims[record] = time.GetTimestamp();
        await fleet.PutAsync(OutageFormat.List, id, OutageFormat.Write(ReportOf(record)!), cancellationToken).ConfigureAwait(false);
    }

    async Task<IReadOnlyList<OutageReport>> ReadSharedAsync(CancellationToken cancellationToken) => OutageFormat.Merge(
        await fleet.ReadAsync(OutageFormat.List, cancellationToken).ConfigureAwait(false),
        await fleet.ReadAsync(OutageFormat.Shares, cancellationToken).ConfigureAwait(false));

    TimeSpan TurnOf(OutageRecord record)
    {
        if (!_turns.TryGetValue(record, out var turn))
            _turns.Add(record, turn = LongestUnwritten + Fleet.Spread(Spread));
        return turn;
    }

    OutageReport? ReportOf(OutageRecord record) => book.Read(() => record.ToReport(fleet.Instance));
}
