using System.Collections.Concurrent;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// The age of each state that this instance has learned of, by its own steady clock. If it becomes the coordinator, it does not have to trust
/// the time of day of the previous coordinator's machine.
/// </summary>
sealed class StateAges(TimeProvider time)
{
    // A peer that invents names must not fill the memory.
    const int Most = 10_000;

    readonly ConcurrentDictionary<string, (SharedBreakerState State, long HeardAt)> _heard = new(StringComparer.OrdinalIgnoreCase);

    public void Hear(SharedBreakerState state)
    {
        if (_heard.ContainsKey(state.Breaker) || _heard.Count < Most)
            _heard[state.Breaker] = (state, time.GetTimestamp());
    }

    public TimeSpan? Find(SharedBreakerState state) =>
        _heard.TryGetValue(state.Breaker, out var known) && known.State with { Age = state.Age } == state
            ? known.State.Age + time.GetElapsedTime(known.HeardAt)
            : null;
}
