using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Redis;

/// <inheritdoc cref="IFleetVisitor"/>
/// <param name="store">A visitor's.</param>
sealed class RedisVisitor(RedisStateStore store) : IFleetVisitor
{
    public Task<FleetPresence?> LookAsync(CancellationToken cancellationToken) => store.LookAsync(cancellationToken);

    public Task<IReadOnlyList<SharedBreakerState>> ReadAsync(CancellationToken cancellationToken) => store.ReadAllAsync(cancellationToken);

    public Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) => store.ChangeAsync(next, cancellationToken);

    public Task<IReadOnlyList<SharedLedgerEntry>> ReadListAsync(string list, CancellationToken cancellationToken) => ((ISharedLedger)store).ReadAsync(list, cancellationToken);

    public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) => store.PutAsync(list, id, text, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
