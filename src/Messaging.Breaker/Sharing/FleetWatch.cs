using System.Collections.Concurrent;

namespace Messaging.Breaker.Sharing;

/// <summary>Listens to the store, again after each loss, and keeps what it receives for the member's loop.</summary>
sealed class FleetWatch(IBreakerStateStore store, TimeProvider time, TimeSpan retryDelay, Action wake)
{
    const int LongestBacklog = 10_000;

    readonly ConcurrentQueue<SharedBreakerState?> _heard = new();
    Exception? _failure;

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var state in store.WatchAsync(stopping).ConfigureAwait(false))
                {
                    // If a store sends more than can be processed, for example because of a faulty peer, that costs another read and not the
                    // memory.
                    if (_heard.Count >= LongestBacklog)
                    {
                        _heard.Clear();
                        _heard.Enqueue(null);
                    }

                    _heard.Enqueue(state);
                    wake();
                }
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                Volatile.Write(ref _failure, exception);
                wake();
            }

            await Task.Delay(retryDelay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Null means that something may have been missed.</summary>
    public bool TryTake(out SharedBreakerState? state) => _heard.TryDequeue(out state);

    /// <summary>Why nothing is received any more; returned once.</summary>
    public Exception? TakeFailure() => Interlocked.Exchange(ref _failure, null);
}
