using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The failure histories of one endpoint's messages, by message and breaker. Bounded: if very many messages fail, the oldest histories are
/// forgotten, and those messages are judged from the start.
/// </summary>
sealed class FailureHistories
{
    const int Capacity = 1_000;

    readonly Lock _lock = new();
    readonly Dictionary<(Guid Message, CircuitBreaker Breaker), FailureHistory> _histories = [];
    readonly Queue<(Guid Message, CircuitBreaker Breaker)> _order = new();

    // Nearly always zero, which saves taking the lock.
    volatile bool _hasAny;

    public void Find(InFlightMessage message)
    {
        if (!_hasAny)
            return;
        var key = message.Key;
        foreach (var attempt in message.Attempts)
        {
            lock (_lock)
                attempt.History = _histories.GetValueOrDefault((key, attempt.Breaker));
            attempt.IsRetest = attempt.History?.IsOnTrial == true;
        }
    }

    public FailureHistory Open(InFlightMessage message, BreakerAttempt attempt)
    {
        if (attempt.History is { } known)
            return known;
        var opened = new FailureHistory(attempt.Breaker);
        Add((message.Key, attempt.Breaker), ref opened)?.Drop();
        return attempt.History = opened;
    }

    /// <summary>The message has been handled, or goes its ordinary way.</summary>
    public void Close(InFlightMessage message)
    {
        foreach (var attempt in message.Attempts)
        {
            if (attempt.History is not { } closed)
                continue;
            Remove((message.Key, attempt.Breaker));
            closed.Drop();
            attempt.History = null;
        }
    }

    /// <summary>The endpoint was removed, so nothing more is awaited for its messages.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            foreach (var history in _histories.Values)
                history.Drop();
            _histories.Clear();
            _order.Clear();
            _hasAny = false;
        }
    }

    /// <returns>The history that is forgotten instead, if there are too many.</returns>
    FailureHistory? Add((Guid Message, CircuitBreaker Breaker) key, ref FailureHistory opened)
    {
        lock (_lock)
        {
            // The message may have been assigned to its key's breaker after it was admitted.
            if (_histories.TryGetValue(key, out var known))
            {
                opened = known;
                return null;
            }

            _histories.Add(key, opened);
            _hasAny = true;
            _order.Enqueue(key);
            return _order.Count > Capacity && _histories.Remove(_order.Dequeue(), out var forgotten) ? forgotten : null;
        }
    }

    void Remove((Guid Message, CircuitBreaker Breaker) key)
    {
        lock (_lock)
        {
            _histories.Remove(key);
            _hasAny = _histories.Count > 0;
        }
    }
}
