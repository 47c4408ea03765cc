namespace Messaging.Breaker;

/// <summary>
/// An optional interface of a store of breakers. It keeps lists that every instance of the fleet can read, and that outlive the instances.
/// If an <see cref="IBreakerStateStore"/> also implements it, it keeps the ledger of dead letters; otherwise each instance lists only its
/// own entries. Thread-safe. While the store is out of reach, every member may fail with any exception, and nothing waits for it.
/// </summary>
public interface ISharedLedger
{
    /// <summary>
    /// Adds an entry to a list, or replaces the entry with the same id. Each list keeps at least the 200 entries that were written last.
    /// </summary>
    /// <param name="list">The name of the list: up to 50 letters, digits and '-'. There are only a handful of lists.</param>
    /// <param name="id">The entry's id: up to 100 characters.</param>
    /// <param name="text">The entry's text: up to 8,000 characters.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task PutAsync(string list, string id, string text, CancellationToken cancellationToken);

    /// <summary>The entries of a list, in any order; empty if there is no such list.</summary>
    /// <param name="list">The name of the list.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<IReadOnlyList<SharedLedgerEntry>> ReadAsync(string list, CancellationToken cancellationToken);
}
