namespace Messaging.Breaker.Primitives;

static class TimeLimits
{
    /// <summary>Waits for a task, however it ends.</summary>
    /// <returns>False if it has not ended by then. It goes on.</returns>
    public static async Task<bool> EndsWithinAsync(this Task task, TimeSpan limit, TimeProvider time)
    {
        await task.WaitAsync(limit, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }
}
