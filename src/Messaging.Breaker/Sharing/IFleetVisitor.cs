namespace Messaging.Breaker.Sharing;

/// <summary>
/// Access to a fleet's store for a visitor that is not an instance, such as an operator's tool. It is not counted, takes no lease, founds no
/// fleet, and does not change how long the store keeps its state. Every member may fail like those of <see cref="IBreakerStateStore"/>.
/// </summary>
interface IFleetVisitor : IAsyncDisposable
{
    /// <summary>Which instances are alive; null if the store has no fleet of that name.</summary>
    Task<FleetPresence?> LookAsync(CancellationToken cancellationToken);

    /// <summary>What the fleet knows of every breaker that ever changed.</summary>
    Task<IReadOnlyList<SharedBreakerState>> ReadAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="IBreakerStateStore.ChangeAsync"/>
    Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISharedLedger.ReadAsync"/>
    Task<IReadOnlyList<SharedLedgerEntry>> ReadListAsync(string list, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISharedLedger.PutAsync"/>
    Task PutAsync(string list, string id, string text, CancellationToken cancellationToken);
}

/// <summary>The live instances of a fleet.</summary>
/// <param name="Instances">How many.</param>
/// <param name="Names">Their names; null if the store does not report them.</param>
sealed record FleetPresence(int Instances, IReadOnlyList<string>? Names);
