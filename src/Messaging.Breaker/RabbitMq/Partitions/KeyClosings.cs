using System.Collections.Concurrent;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// The queues of keys that other instances are about to delete according to the register, until the register has the result. Thread-safe.
/// </summary>
sealed class KeyClosings(TimeProvider time)
{
    // An instance that dies in the meantime never writes the result. Longer than the client waits for the broker's answer to the deletion.
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    readonly ConcurrentDictionary<string, Closing> _pending = new(StringComparer.Ordinal);

    public void Begin(string key, string by)
    {
        var closing = new Closing(by, time.GetTimestamp(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _pending.AddOrUpdate(key, closing, (_, earlier) =>
        {
            earlier.Ended.TrySetResult();
            return closing;
        });
    }

    /// <summary>The instance has deleted the queue, or has found that it must stay.</summary>
    public void End(string key, string by)
    {
        if (_pending.TryGetValue(key, out var closing) && closing.By == by)
            Remove(key, closing);
    }

    /// <summary>The instance that was about to delete the queue no longer can: its messages come to this instance.</summary>
    public void Void(string key)
    {
        if (_pending.TryGetValue(key, out var closing))
            Remove(key, closing);
    }

    /// <summary>The register is read again from its beginning.</summary>
    public void Clear()
    {
        foreach (var (key, closing) in _pending)
            Remove(key, closing);
    }

    /// <summary>How long a deletion has been in progress; null if none is.</summary>
    public TimeSpan? Since(string key) => _pending.TryGetValue(key, out var closing) ? time.GetElapsedTime(closing.Since) : null;

    /// <summary>Waits until no deletion is in progress.</summary>
    public async ValueTask WaitAsync(string key, CancellationToken cancellationToken)
    {
        while (_pending.TryGetValue(key, out var closing))
        {
            var left = Longest - time.GetElapsedTime(closing.Since);
            if (left > TimeSpan.Zero)
            {
                await closing.Ended.Task.WaitAsync(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
            else
                Remove(key, closing);
        }
    }

    void Remove(string key, Closing closing)
    {
        _pending.TryRemove(new KeyValuePair<string, Closing>(key, closing));
        closing.Ended.TrySetResult();
    }

    sealed record Closing(string By, long Since, TaskCompletionSource Ended);
}
