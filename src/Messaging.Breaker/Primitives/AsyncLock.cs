using System.Diagnostics.CodeAnalysis;

namespace Messaging.Breaker.Primitives;

/// <summary>A lock that its holder may keep while it awaits. Not reentrant.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is not used holds no resources.")]
sealed class AsyncLock
{
    readonly SemaphoreSlim _semaphore = new(1);

    /// <summary>Waits until nobody else holds the lock.</summary>
    /// <returns>Gives it up when it is disposed.</returns>
    public async Task<Holder> EnterAsync(CancellationToken cancellationToken = default)
    {
        await _semaphore.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Holder(_semaphore);
    }

    public readonly struct Holder(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
