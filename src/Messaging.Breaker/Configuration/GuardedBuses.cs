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

    /// <summary>Whether a bus with endpoints was built that is not in this list.</summary>
    public bool IsOneUnguarded { get; set; }

    public void Add(BusGuarding guarding)
    {
        lock (_lock)
            _guardings.Add(guarding);
    }

    /// <summary>Whether a bus, possibly one that is still being built, is in this list.</summary>
    public bool Contains(IBus bus)
    {
        lock (_lock)
            return _guardings.Exists(guarding => guarding.MayGuard(bus));
    }
}
