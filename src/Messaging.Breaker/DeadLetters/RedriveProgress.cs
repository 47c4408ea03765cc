using Messaging.Breaker.Diagnostics;

namespace Messaging.Breaker.DeadLetters;

/// <summary>The course of one redrive for many threads, with what it reports to metrics and to the run's entry.</summary>
sealed class RedriveProgress(RedriveOrder order, RunEntry entry, BreakerMeter meter, string queue, TimeProvider time)
{
    readonly Lock _lock = new();
    readonly RedriveCourse _course = new(order, time.GetUtcNow());

    public T Read<T>(Func<RedriveCourse, T> read)
    {
        lock (_lock)
            return read(_course);
    }

    public void Tell(Action<RedriveCourse> tell)
    {
        long moved, failed, movedBefore, failedBefore;
        lock (_lock)
        {
            (movedBefore, failedBefore) = (_course.Moved, _course.Failed);
            tell(_course);
            (moved, failed) = (_course.Moved, _course.Failed);
        }

        Count(meter.Redriven, moved - movedBefore);
        Count(meter.FailedAgain, failed - failedBefore);
        // Another caller may get here later with older figures.
        entry.Change(run => run with { Moved = Math.Max(run.Moved, moved), FailedAgain = Math.Max(run.FailedAgain, failed) });
    }

    /// <exception cref="RedriveStopException">The results so far are a reason to stop.</exception>
    public void ThrowIfToStop() => RedriveStopException.ThrowIf(Read(course => course.ReasonToStop()));

    void Count(SafeCounter counter, long messages)
    {
        if (messages > 0)
            counter.Add(messages, Tags.Of(Tags.Endpoint, queue));
    }
}

/// <summary>The redrive stops before its end. The message says why.</summary>
sealed class RedriveStopException(string reason) : Exception(reason)
{
    public static void ThrowIf(string? reason)
    {
        if (reason is not null)
            throw new RedriveStopException(reason);
    }
}
