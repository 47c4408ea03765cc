using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Windows;

/// <summary>
/// The shared part of a fleet's windows, in its store; nothing without one. One call at a time, except for <see cref="IsShared"/>.
/// </summary>
sealed class FleetWindows(FleetLedger ledger, TimeProvider time, ILoggerFactory loggers, FleetStore? store = null, FleetRegistration? registration = null)
{
    /// <summary>
    /// The name of a state that belongs to no breaker: the holder of its lease acts for the fleet, and its changes announce news.
    /// </summary>
    public const string Name = "speaker:windows";

    Fleet? _fleet;
    FleetLease? _lease;

    /// <summary>There is a store, connected or not.</summary>
    public bool IsOfFleet => registration is not null;

    public bool IsShared => ledger.IsShared;

    public string Instance => ledger.Instance;

    public async Task<IReadOnlyList<WindowEntry>> ReadAsync(CancellationToken cancellationToken) =>
        [.. (await ledger.ReadAsync(WindowEntry.List, cancellationToken).ConfigureAwait(false)).OfType<SharedLedgerEntry>().Select(entry => WindowEntry.Read(entry.Text)).OfType<WindowEntry>()];

    public Task PutAsync(WindowEntry entry, CancellationToken cancellationToken) => ledger.PutAsync(WindowEntry.List, entry.Id, entry.Write(), cancellationToken);

    /// <summary>Whether this instance acts for the fleet now.</summary>
    public Task<bool> IsOurTurnAsync(CancellationToken cancellationToken) => Open() ? _lease!.TryTakeAsync(cancellationToken) : Task.FromResult(true);

    /// <summary>Announces news to the other instances. If they miss it, they read it later.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        if (!Open())
            return;
        var known = new KnownState(Name, _fleet!, time);
        await known.ReadAsync(cancellationToken).ConfigureAwait(false);
        await known.ChangeAsync(known.Next(BreakerState.Closed, TransitionCause.Operator, "the windows have changed", null), cancellationToken).ConfigureAwait(false);
    }

    bool Open()
    {
        if (store is null || registration is null)
            return false;
        _fleet ??= new Fleet(store.Open(), registration.Options, time, loggers.CreateLog());
        _lease ??= new FleetLease(_fleet, time, Name);
        return true;
    }
}
