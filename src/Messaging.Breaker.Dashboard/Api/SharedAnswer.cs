namespace Messaging.Breaker.Dashboard.Api;

/// <summary>
/// One answer for all requests within a second: however many pages are open, the store is not asked more often. The first request cannot cancel
/// it. Thread-safe.
/// </summary>
sealed class SharedAnswer<T>(TimeProvider time, Func<Task<T>> ask)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    Task<T>? _latest;
    long _askedAt;

    public Task<T> ReadAsync()
    {
        lock (_lock)
        {
            if (_latest is null || time.GetElapsedTime(_askedAt) >= Fresh)
                (_latest, _askedAt) = (ask(), time.GetTimestamp());
            return _latest;
        }
    }
}
