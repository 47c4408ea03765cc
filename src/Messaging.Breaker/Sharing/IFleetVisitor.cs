namespace Messaging.Breaker.Sharing;

/// <summary>
/// A fleet's store for somebody who is no instance, as an operator's tool: he is not counted, takes no lease, founds no fleet, and leaves how long the
/// store keeps its state as it is. Every member may fail as those of <see cref="IBreakerStateStore"/>.
/// </summary>
interface IFleetVisitor : IAsyncDisposable
{
    /// <summary>Who is there; null if the store knows no fleet of that name.</summary>
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

/// <summary>The instances of a fleet that live.</summary>
/// <param name="Instances">How many.</param>
/// <param name="Names">Their names; null where the store does not tell them.</param>
sealed record FleetPresence(int Instances, IReadOnlyList<string>? Names);
