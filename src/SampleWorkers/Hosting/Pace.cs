using System.Diagnostics;

namespace SampleWorkers.Hosting;

static class Pace
{
    /// <summary>
    /// Does something so many times a second, <paramref name="count"/> times or until cancelled. What is due is done at once and awaited
    /// together, so that a slow moment is made up for, and no more is under way than was due.
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
