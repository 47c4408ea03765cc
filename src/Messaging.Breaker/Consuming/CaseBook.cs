using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
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

    readonly ConcurrentDictionary<(Guid Message, CircuitBreaker Breaker), Case> _cases = new();
    readonly ConcurrentQueue<(Guid Message, CircuitBreaker Breaker)> _order = new();

    // The dictionary takes all of its locks to find out whether it is empty, which it nearly always is.
    int _open;

    public void Find(MessageHandling handling)
    {
        if (Volatile.Read(ref _open) == 0 || handling.MessageId is not { } id)
            return;
        foreach (var passage in handling.Passages)
        {
            passage.Case = _cases.GetValueOrDefault((id, passage.Breaker));
            passage.IsRetest = passage.Case?.WitnessedFailures > 0;
        }
    }

    public Case Open(MessageHandling handling, Passage passage)
    {
        if (passage.Case is { } known)
            return known;
        var opened = passage.Case = new Case(passage.Breaker);
        if (handling.MessageId is not { } id || !_cases.TryAdd((id, passage.Breaker), opened))
            return opened;
        Interlocked.Increment(ref _open);
        _order.Enqueue((id, passage.Breaker));
        while (_order.Count > Capacity && _order.TryDequeue(out var oldest))
            if (TryRemove(oldest, out var forgotten))
                forgotten.Drop();
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
                TryRemove((id, passage.Breaker), out _);
            closed.Drop();
            passage.Case = null;
        }
    }

    bool TryRemove((Guid Message, CircuitBreaker Breaker) key, [NotNullWhen(true)] out Case? removed)
    {
        if (!_cases.TryRemove(key, out removed))
            return false;
        Interlocked.Decrement(ref _open);
        return true;
    }
}
