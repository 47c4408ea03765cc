namespace Messaging.Breaker;

/// <summary>
/// What a store of breakers may be besides: lists of what was done, which every instance of the fleet can read, and which outlive it. An
/// <see cref="IBreakerStateStore"/> that implements it, too, keeps the ledger of dead letters; with one that does not, each instance lists its own.
/// Thread-safe; every member may fail by any exception while the store is out of reach, and nothing waits for it.
/// </summary>
public interface ISharedLedger
{
    /// <summary>Puts an entry on a list, or in the place of the one with the same id. Of each list at least the 200 that were put last are kept.</summary>
    /// <param name="list">The name of the list: up to 50 letters, digits and '-'. There are no more than a handful.</param>
    /// <param name="id">By what the entry is known: up to 100 characters.</param>
    /// <param name="text">The entry: up to 8,000 characters.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task PutAsync(string list, string id, string text, CancellationToken cancellationToken);

    /// <summary>The entries of a list, in any order; none if there is no such list.</summary>
    /// <param name="list">The name of the list.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<IReadOnlyList<SharedLedgerEntry>> ReadAsync(string list, CancellationToken cancellationToken);
}
