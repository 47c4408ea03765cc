namespace Messaging.Breaker.Breakers.Keys;

/// <summary>One key, for steering it. The key's breaker may come and go; the handle stays valid.</summary>
sealed class KeyHandle(Partition partition, string key) : IBreaker
{
    public string Name => partition.Do(key, breaker => breaker.Name);

    public BreakerState State => partition.Do(key, breaker => breaker.State);

    public BreakerMode Mode => partition.Do(key, breaker => breaker.Mode);

    public IBreakerKeys? Keys => null;

    public BreakerSnapshot GetSnapshot() => partition.Do(key, breaker => breaker.GetSnapshot());

    public void Trip(string reason, TimeSpan? minimumBreak = null) => Do(breaker => breaker.Trip(reason, minimumBreak));

    public void Isolate(string reason, TimeSpan? expiry = null) => Do(breaker => breaker.Isolate(reason, expiry));

    public void Release(string reason) => Do(breaker => breaker.Release(reason));

    public void Reset(string reason) => Do(breaker => breaker.Reset(reason));

    public void Disable(string reason) => Do(breaker => breaker.Disable(reason));

    public void Shadow(string reason) => Do(breaker => breaker.Shadow(reason));

    public void Enforce(string reason) => Do(breaker => breaker.Enforce(reason));

    public ValueTask<T> ExecuteAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default) =>
        partition.Do(key, breaker => breaker).ExecuteAsync(call, cancellationToken);

    public ValueTask ExecuteAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellationToken = default) =>
        partition.Do(key, breaker => breaker).ExecuteAsync(call, cancellationToken);

    void Do(Action<IBreaker> act) => partition.Do(key, breaker =>
    {
        act(breaker);
        return true;
    });
}
