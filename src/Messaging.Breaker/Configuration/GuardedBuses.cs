using MassTransit;

namespace Messaging.Breaker.Configuration;

/// <summary>The buses of the container on which <c>UseMessagingBreaker</c> was called.</summary>
sealed class GuardedBuses
{
    readonly Lock _lock = new();
    readonly List<BusGuarding> _guardings = [];

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _guardings.Count == 0;
        }
    }

    /// <summary>A bus was made that has endpoints and is not among them.</summary>
    public bool IsOneUnguarded { get; set; }

    public void Add(BusGuarding guarding)
    {
        lock (_lock)
            _guardings.Add(guarding);
    }

    /// <summary>Whether a bus, which may only just be made, is one of them.</summary>
    public bool Contains(IBus bus)
    {
        lock (_lock)
            return _guardings.Exists(guarding => guarding.MayGuard(bus));
    }
}
