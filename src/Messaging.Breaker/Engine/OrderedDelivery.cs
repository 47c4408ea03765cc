using System.Diagnostics.CodeAnalysis;

namespace Messaging.Breaker.Engine;

/// <summary>
/// Hands values to one listener in the order in which they were added, outside the lock under which they were added. A thread that finds
/// another one delivering leaves its values to it, so a listener is never entered twice at once and may itself add values.
/// </summary>
sealed class OrderedDelivery<T>(Action<T> listener)
{
    readonly Lock _lock = new();
    // A concurrent queue is nearly always empty, and would be three quarters of a breaker's memory.
    readonly Queue<T> _pending = new();
    volatile bool _isAnyPending;
    bool _isDelivering;

    public void Add(T value)
    {
        lock (_lock)
        {
            _pending.Enqueue(value);
            _isAnyPending = true;
        }
    }

    public void Deliver()
    {
        // The outer check repeats because a value may arrive between the last one taken and the end.
        while (_isAnyPending && TryBegin())
        {
            try
            {
                while (TryTake(out var value))
                    listener(value);
            }
            finally
            {
                End();
            }
        }
    }

    bool TryBegin()
    {
        lock (_lock)
            return !_isDelivering && (_isDelivering = true);
    }

    bool TryTake([MaybeNullWhen(false)] out T value)
    {
        lock (_lock)
        {
            var isTaken = _pending.TryDequeue(out value);
            _isAnyPending = _pending.Count > 0;
            return isTaken;
        }
    }

    void End()
    {
        lock (_lock)
            _isDelivering = false;
    }
}
