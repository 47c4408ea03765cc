namespace Messaging.Breaker.Sharing;

/// <summary>The store of this process, created when it is first needed. Thread-safe.</summary>
sealed class FleetStore(FleetRegistration registration, IServiceProvider services) : IAsyncDisposable, IDisposable
{
    readonly Lock _lock = new();
    IBreakerStateStore? _store;
    bool _isDisposed;

    public IBreakerStateStore Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IBreakerStateStore));
            return _store ??= registration.Store(services);
        }
    }

    public async ValueTask DisposeAsync()
    {
        IBreakerStateStore? store;
        lock (_lock)
            (store, _store, _isDisposed) = (_store, null, true);
        if (store is not null)
            await store.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>For a container that is disposed synchronously.</summary>
    public void Dispose() => _ = DisposeAsync().AsTask();
}
