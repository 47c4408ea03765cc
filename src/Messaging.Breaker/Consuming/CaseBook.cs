using System.Collections.Concurrent;
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

    public void Find(MessageHandling handling)
    {
        if (_cases.IsEmpty || handling.MessageId is not { } id)
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
        _order.Enqueue((id, passage.Breaker));
        while (_order.Count > Capacity && _order.TryDequeue(out var oldest))
            if (_cases.TryRemove(oldest, out var forgotten))
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
                _cases.TryRemove((id, passage.Breaker), out _);
            closed.Drop();
            passage.Case = null;
        }
    }
}
