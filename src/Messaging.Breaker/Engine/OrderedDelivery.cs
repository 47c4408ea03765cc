using System.Collections.Concurrent;

namespace Messaging.Breaker.Engine;

/// <summary>
/// Hands values to one listener in the order in which they were added, outside the lock under which they were added. A thread that finds
/// another one delivering leaves its values to it, so a listener is never entered twice at once and may itself add values.
/// </summary>
sealed class OrderedDelivery<T>(Action<T> listener)
{
    readonly ConcurrentQueue<T> _pending = new();
    int _delivering;

    public void Add(T value) => _pending.Enqueue(value);

    public void Deliver()
    {
        // The outer check repeats because a value may arrive between the last dequeue and the release of the flag.
        while (!_pending.IsEmpty && Interlocked.CompareExchange(ref _delivering, 1, 0) == 0)
        {
            try
            {
                while (_pending.TryDequeue(out var value))
                    listener(value);
            }
            finally
            {
                Volatile.Write(ref _delivering, 0);
            }
        }
    }
}
