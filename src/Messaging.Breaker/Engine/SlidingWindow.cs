namespace Messaging.Breaker.Engine;

/// <summary>
/// The outcomes of the latest calls in ten buckets; a bucket ends when its time is over or when it is full, so that the window reaches
/// back either the sampling duration or the configured number of calls, whichever is less. The counters only grow and a bucket is a mark
/// of where they stood at its beginning: a success costs one increment, and nothing has to be cleared.
/// </summary>
/// <remarks><see cref="IsOver"/> and <see cref="CountSuccess"/> may be called by anyone at any time; everything else under the engine's lock.</remarks>
sealed class SlidingWindow
{
    public const int Buckets = 10;

    readonly StripedCounter _successes = new();
    readonly Mark[] _marks = new Mark[Buckets];
    int _newest;
    long _failures;
    long _slow;
    long _endOfBucket;

    /// <summary>The current bucket's time is over: <see cref="Roll"/> before the next outcome is counted, which does not belong to it.</summary>
    public bool IsOver(long now) => now >= Volatile.Read(ref _endOfBucket);

    /// <summary>True when the current bucket may be full and the caller should <see cref="Roll"/>.</summary>
    public bool CountSuccess(BreakerSettings settings) => _successes.Increment() % settings.BucketCalls == 0;

    /// <summary>All that was ever counted.</summary>
    public Tally Tally => new(_successes.Sum() + _failures + _slow, _failures);

    /// <inheritdoc cref="Tally"/>
    public OutcomeCounts Counts => new(_successes.Sum(), _failures, _slow);

    public void CountFailure() => _failures++;

    public void CountSlow() => _slow++;

    /// <summary>Forgets everything: outcomes are counted from now on.</summary>
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
