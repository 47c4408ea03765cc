using System.Collections.Concurrent;

namespace Messaging.Breaker.ChaosTests.Shop;

/// <summary>Which messages were confirmed and which were handled, by id. It lives outside the processes that are killed.</summary>
sealed class Ledger(IEnumerable<Order> orders)
{
    readonly HashSet<Guid> _poison = [.. orders.Where(order => order.IsPoison).Select(order => order.Id)];
    readonly ConcurrentDictionary<Guid, bool> _confirmed = new();
    readonly ConcurrentDictionary<Guid, int> _handled = new();

    public IReadOnlySet<Guid> Poison => _poison;

    public int Confirmed => _confirmed.Count;

    public int Duplicates => _handled.Values.Sum(times => times - 1);

    /// <summary>Orders that were confirmed but not handled, including poison.</summary>
    public IEnumerable<Guid> NotHandled => _confirmed.Keys.Where(order => !_handled.ContainsKey(order));

    public bool IsPoison(Guid order) => _poison.Contains(order);

    public void Confirm(Guid order) => _confirmed.TryAdd(order, true);

    public void Handled(Guid order) => _handled.AddOrUpdate(order, 1, (_, times) => times + 1);
}
