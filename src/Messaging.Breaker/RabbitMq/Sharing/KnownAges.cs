using System.Collections.Concurrent;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// How old each state is that this instance has heard of, by its own steady clock. Should it become the clerk, it need not trust the time of
/// day of the machine that was the clerk before.
/// </summary>
sealed class KnownAges(TimeProvider time)
{
    // A peer that makes names up must not fill the memory.
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
