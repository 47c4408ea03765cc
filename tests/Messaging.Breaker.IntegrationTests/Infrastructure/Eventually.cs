using System.Diagnostics;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Waits for something that another process decides. The limit is generous, because only a failing test reaches it.</summary>
public static class Eventually
{
    static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads a value until it is the wanted one, and returns it.</summary>
    /// <param name="read">Reads the value. An exception counts as an unwanted value.</param>
    /// <param name="wanted">Says whether the value is the wanted one.</param>
    /// <param name="awaited">Completes the sentence "Waited in vain for ...", as in "the queue to hold 5 messages".</param>
    /// <param name="limit">How long to wait; 30 seconds by default.</param>
    public static async Task<T> Is<T>(Func<Task<T>> read, Func<T, bool> wanted, string awaited, TimeSpan? limit = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            string lastSeen;
            Exception? failure = null;
            try
            {
                T value = await read();
                if (wanted(value))
                    return value;
                lastSeen = value?.ToString() ?? "nothing";
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                lastSeen = exception.Message;
                failure = exception;
            }

            TimeSpan waited = Stopwatch.GetElapsedTime(started);
            if (waited > (limit ?? DefaultLimit))
                throw new TimeoutException($"Waited {waited.TotalSeconds:0.0} s in vain for {awaited}; last seen: {lastSeen}", failure);
            await Task.Delay(Step, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>As above, for a value that is read synchronously.</summary>
    public static Task<T> Is<T>(Func<T> read, Func<T, bool> wanted, string awaited, TimeSpan? limit = null) =>
        Is(() => Task.FromResult(read()), wanted, awaited, limit);

    /// <summary>As above, for a condition.</summary>
    public static Task Is(Func<bool> condition, string awaited, TimeSpan? limit = null) =>
        Is(condition, holds => holds, awaited, limit);
}
