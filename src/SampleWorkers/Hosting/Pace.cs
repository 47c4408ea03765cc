using System.Diagnostics;

namespace SampleWorkers.Hosting;

static class Pace
{
    /// <summary>
    /// Does something at a given rate per second, <paramref name="count"/> times or until cancelled. Due actions start at once and are awaited
    /// together, so that a slow moment is made up for, and no more are in progress than were due.
    /// </summary>
    public static async Task RunAsync(int rate, long? count, Func<long, Task> action, CancellationToken cancellationToken)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var clock = Stopwatch.StartNew();
        var done = 0L;
        while (done < (count ?? long.MaxValue) && await ticks.WaitForNextTickAsync(cancellationToken))
        {
            var due = Math.Min((long)(clock.Elapsed.TotalSeconds * rate), count ?? long.MaxValue);
            var batch = new List<Task>();
            while (done < due)
                batch.Add(action(done++));
            await Task.WhenAll(batch);
        }
    }
}
