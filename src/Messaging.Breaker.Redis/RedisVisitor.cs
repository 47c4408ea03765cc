using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Redis;

/// <inheritdoc cref="IFleetVisitor"/>
sealed class RedisVisitor(RedisStateStore store) : IFleetVisitor
{
    bool _hasLooked;

    public Task<FleetPresence?> LookAsync(CancellationToken cancellationToken)
    {
        _hasLooked = true;
        return store.LookAsync(cancellationToken);
    }

    public Task<IReadOnlyList<SharedBreakerState>> ReadAsync(CancellationToken cancellationToken) => CallAsync(() => store.ReadAllAsync(cancellationToken), cancellationToken);

    public Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) =>
        CallAsync(() => store.ChangeAsync(next, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<SharedLedgerEntry>> ReadListAsync(string list, CancellationToken cancellationToken) =>
        CallAsync(() => ((ISharedLedger)store).ReadAsync(list, cancellationToken), cancellationToken);

    public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) => CallAsync(
        async () =>
        {
            await store.PutAsync(list, id, text, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>The first call is a look: it tells how long the fleet keeps its state.</summary>
    async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        if (!_hasLooked)
            await LookAsync(cancellationToken).ConfigureAwait(false);
        return await call().ConfigureAwait(false);
    }
}
