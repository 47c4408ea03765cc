namespace Messaging.Breaker.Sharing;

/// <summary>The lists of the fleet's store, while there is one that keeps them. Thread-safe.</summary>
sealed class FleetLedger(TimeProvider time)
{
    volatile Store? _store;

    public bool IsShared => _store is not null;

    /// <summary>This instance's name in the fleet; without a fleet, the machine and the process.</summary>
    public string Instance { get; private set; } = Fleet.DefaultName();

    public void Open(ISharedLedger? lists, string instance, TimeSpan limit)
    {
        Instance = instance;
        _store = lists is null ? null : new Store(lists, limit);
    }

    public void Close() => _store = null;

    /// <exception cref="TimeoutException">There was no answer.</exception>
    public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) => _store is not { } store ? Task.CompletedTask : StoreCall.InTimeAsync(
        async token =>
        {
            await store.Lists.PutAsync(list, id, text, token).ConfigureAwait(false);
            return true;
        },
        store.Limit,
        time,
        cancellationToken);

    /// <exception cref="TimeoutException">There was no answer.</exception>
    public async Task<IReadOnlyList<SharedLedgerEntry>> ReadAsync(string list, CancellationToken cancellationToken) => _store is not { } store
        ? []
        : await StoreCall.InTimeAsync(token => store.Lists.ReadAsync(list, token), store.Limit, time, cancellationToken).ConfigureAwait(false) ?? [];

    sealed record Store(ISharedLedger Lists, TimeSpan Limit);
}
