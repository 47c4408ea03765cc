using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Breakers.Keys;

/// <summary>
/// The order of those messages of a key that cannot begin at once: each waits until the ones that were delivered before it have begun or gone.
/// Thread-safe.
/// </summary>
sealed class KeyTurns
{
    readonly Lock _lock = new();
    readonly Dictionary<BreakerKey, Waiting> _waiting = [];
    volatile int _keys;
    long _entered;

    /// <summary>Whether messages of the key wait for their turn, so that a later one has to wait too.</summary>
    public bool Any(BreakerKey key)
    {
        if (_keys == 0)
            return false;
        lock (_lock)
            return _waiting.ContainsKey(key);
    }

    /// <param name="key">The message's key.</param>
    /// <param name="place">The number of the delivery.</param>
    /// <returns>The message's turn. It ends when it is disposed.</returns>
    public KeyTurn Enter(BreakerKey key, ulong place)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(key, out var same))
                _waiting[key] = same = new Waiting();
            _keys = _waiting.Count;
            var turn = new KeyTurn(this, key, (place, ++_entered));
            same.Turns.Add(turn.Order, turn);
            return turn;
        }
    }

    /// <returns>Completes when another turn of the key ends; null if it is this one's turn.</returns>
    public Task? NextChange(KeyTurn turn)
    {
        lock (_lock)
            return _waiting.GetValueOrDefault(turn.Key) is { } same && same.Turns.GetValueAtIndex(0) != turn && !turn.GoesBack ? same.Changed.Next : null;
    }

    public void SendBackLater(KeyTurn turn)
    {
        lock (_lock)
        {
            if (_waiting.GetValueOrDefault(turn.Key) is not { } same)
                return;
            foreach (var later in same.Turns.Values.Where(later => later.Order.CompareTo(turn.Order) > 0))
                later.GoesBack = true;
            same.Changed.Raise();
        }
    }

    public void Leave(KeyTurn turn)
    {
        lock (_lock)
        {
            if (_waiting.GetValueOrDefault(turn.Key) is not { } same || !same.Turns.Remove(turn.Order))
                return;
            if (same.Turns.Count == 0)
                _waiting.Remove(turn.Key);
            _keys = _waiting.Count;
            same.Changed.Raise();
        }
    }

    sealed class Waiting
    {
        public SortedList<(ulong Place, long Entered), KeyTurn> Turns { get; } = [];

        public AsyncSignal Changed { get; } = new();
    }
}
