namespace Messaging.Breaker.Breakers;

/// <summary>A breaker's timer, set to the moment at which time alone changes its state.</summary>
sealed class BreakerAlarm : IDisposable
{
    // A timer may fire slightly early by the clock that decides. An extra check is cheaper than a missed deadline.
    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    // The longest due time that a timer accepts. A later deadline is checked again when it is nearer.
    static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    readonly ITimer _timer;

    public BreakerAlarm(TimeProvider time, Action ring)
    {
        // The timer outlives the request that happens to create the breaker, and must not capture its AsyncLocals.
        using (ExecutionContext.SuppressFlow())
            _timer = time.CreateTimer(_ => ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Set(TimeSpan? dueIn) => _timer.Change(
        dueIn is { } due ? TimeSpan.FromTicks(Math.Clamp(due.Ticks, Shortest.Ticks, Longest.Ticks)) : Timeout.InfiniteTimeSpan,
        Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();
}
