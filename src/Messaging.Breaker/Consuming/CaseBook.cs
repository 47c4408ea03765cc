using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The open cases of one endpoint's messages, by message and breaker. Bounded: of very many failing messages the oldest are forgotten and
/// judged anew. Messages without an id are remembered for one delivery only.
/// </summary>
sealed class CaseBook
{
    const int Capacity = 1_000;

    readonly Lock _lock = new();
    readonly Dictionary<(Guid Message, CircuitBreaker Breaker), Case> _cases = [];
    readonly Queue<(Guid Message, CircuitBreaker Breaker)> _order = new();

    // Nearly always there are none, and then nobody needs the lock.
    volatile bool _hasCases;

    public void Find(MessageHandling handling)
    {
        if (!_hasCases || handling.MessageId is not { } id)
            return;
        foreach (var passage in handling.Passages)
        {
            lock (_lock)
                passage.Case = _cases.GetValueOrDefault((id, passage.Breaker));
            passage.IsRetest = passage.Case?.IsOnTrial == true;
        }
    }

    public Case Open(MessageHandling handling, Passage passage)
    {
        if (passage.Case is { } known)
            return known;
        var opened = passage.Case = new Case(passage.Breaker);
        if (handling.MessageId is { } id)
            Add((id, passage.Breaker), opened)?.Drop();
        return opened;
    }

    /// <summary>The message has been handled, or goes its ordinary way.</summary>
    public void Close(MessageHandling handling)
    {
        foreach (var passage in handling.Passages)
        {
            if (passage.Case is not { } closed)
                continue;
            if (handling.MessageId is { } id)
                Remove((id, passage.Breaker));
            closed.Drop();
            passage.Case = null;
        }
    }

    /// <returns>The case that is forgotten in its stead, if there are too many.</returns>
    Case? Add((Guid Message, CircuitBreaker Breaker) key, Case opened)
    {
        lock (_lock)
        {
            if (!_cases.TryAdd(key, opened))
                return null;
            _hasCases = true;
            _order.Enqueue(key);
            return _order.Count > Capacity && _cases.Remove(_order.Dequeue(), out var forgotten) ? forgotten : null;
        }
    }

    void Remove((Guid Message, CircuitBreaker Breaker) key)
    {
        lock (_lock)
        {
            _cases.Remove(key);
            _hasCases = _cases.Count > 0;
        }
    }
}
