namespace Messaging.Breaker.Engine;

/// <summary>
/// The outcomes of the latest calls, in ten buckets. A bucket ends when its time is over or when it is full, so the window reaches back by the
/// sampling duration or the configured number of calls, whichever is less. Each bucket records the values of the counters at its start. The counters
/// only grow, so a success costs one increment and nothing has to be cleared.
/// </summary>
/// <remarks><see cref="IsOver"/> and <see cref="CountSuccess"/> are thread-safe; everything else runs under the engine's lock.</remarks>
sealed class SlidingWindow
{
    public const int Buckets = 10;

    readonly StripedCounter _successes = new();
    readonly Mark[] _marks = new Mark[Buckets];
    int _newest;
    long _failures;
    long _slow;
    long _endOfBucket;
    int _row;

    /// <summary>Failures and slow calls since the last fast success.</summary>
    public int Row => Volatile.Read(ref _row);

    /// <summary>
    /// Whether the current bucket's time is over. If so, call <see cref="Roll"/> before you count the next outcome, which belongs to the next bucket.
    /// </summary>
    public bool IsOver(long now) => now >= Volatile.Read(ref _endOfBucket);

    /// <summary>Counts a success. Returns whether the current bucket may be full and the caller should <see cref="Roll"/>.</summary>
    public bool CountSuccess(BreakerSettings settings)
    {
        if (Row != 0)
            EndRow();
        return _successes.Increment() % settings.BucketCalls == 0;
    }

    /// <summary>Everything counted so far.</summary>
    public OutcomeCounts Counts => new(_successes.Sum(), _failures, _slow);

    public void CountFailure(BreakerSettings settings, long now)
    {
        Roll(settings, now);
        _failures++;
    }

    public void CountSlow(BreakerSettings settings, long now)
    {
        Roll(settings, now);
        _slow++;
    }

    /// <summary>One more failure or slow call in a row.</summary>
    public int ExtendRow() => ++_row;

    public void EndRow() => Volatile.Write(ref _row, 0);

    /// <summary>Empties the window: only outcomes from now on count.</summary>
    public void Restart(BreakerSettings settings, long now)
    {
        Array.Fill(_marks, new Mark(now, now, _successes.Sum(), _failures, _slow));
        Volatile.Write(ref _endOfBucket, now + settings.BucketSpan);
    }

    public void Roll(BreakerSettings settings, long now)
    {
        ref var current = ref _marks[_newest];
        var successes = _successes.Sum();
        var calls = successes - current.Successes + (_failures - current.Failures) + (_slow - current.Slow);
        if (now < _endOfBucket && calls < settings.BucketCalls)
            return;
        current = current with { End = Math.Min(now, _endOfBucket) };
        _newest = (_newest + 1) % Buckets;
        _marks[_newest] = new Mark(now, now, successes, _failures, _slow);
        Volatile.Write(ref _endOfBucket, now + settings.BucketSpan);
    }

    public WindowSnapshot Read(BreakerSettings settings, long now)
    {
        var horizon = now - settings.Sampling;
        for (var age = Buckets - 1; age >= 0; age--)
        {
            ref var mark = ref _marks[(_newest - age + Buckets) % Buckets];
            var end = age == 0 ? Math.Min(now, _endOfBucket) : mark.End;
            if (end <= horizon)
                continue;
            var (failures, slow) = (_failures - mark.Failures, _slow - mark.Slow);
            return new WindowSnapshot(_successes.Sum() - mark.Successes + failures + slow, failures, slow);
        }

        return default;
    }

    readonly record struct Mark(long Start, long End, long Successes, long Failures, long Slow);
}
