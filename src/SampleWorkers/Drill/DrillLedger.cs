using System.Collections.Concurrent;

namespace SampleWorkers.Drill;

/// <summary>
/// Every order by its id: what was published and confirmed, and what the payments service charged. The payments service keeps the ledger because it
/// outlives every worker.
/// </summary>
sealed class DrillLedger
{
    readonly ConcurrentDictionary<Guid, bool> _handled = new();
    readonly ConcurrentDictionary<Guid, bool> _poison = new();
    readonly ConcurrentDictionary<Guid, bool> _published = new();
    long _charges;
    long _receipts;

    public int Published => _published.Count;

    public int Poison => _poison.Count;

    public int Handled => _handled.Count;

    public long Duplicates => Interlocked.Read(ref _charges) - _handled.Count;

    public long Receipts => Interlocked.Read(ref _receipts);

    public bool IsPoison(Guid order) => _poison.ContainsKey(order);

    public void Poisoned(Guid order) => _poison.TryAdd(order, true);

    public void Confirmed(Guid order) => _published.TryAdd(order, true);

    public void Charged(Guid order)
    {
        _handled.TryAdd(order, true);
        Interlocked.Increment(ref _charges);
    }

    public void ReceiptSent() => Interlocked.Increment(ref _receipts);

    /// <summary>Published orders that were neither handled nor are in any of these places.</summary>
    public int CountLost(params IEnumerable<IEnumerable<Guid>> places)
    {
        var accounted = places.SelectMany(orders => orders).ToHashSet();
        return _published.Keys.Count(order => !_handled.ContainsKey(order) && !accounted.Contains(order));
    }
}
