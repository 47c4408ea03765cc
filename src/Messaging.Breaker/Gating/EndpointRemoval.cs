using MassTransit;
using MassTransit.Transports;

namespace Messaging.Breaker.Gating;

/// <summary>
/// Notices, once, that an endpoint was removed from its bus. Observers are notified when it is stopped for that, but a paused endpoint is not
/// stopped again. The only sign of its removal is that the bus disconnects its own observers, so this stands in for them.
/// </summary>
sealed class EndpointRemoval(Action onRemoved) : IReceiveEndpointObserver
{
    IReceiveEndpoint? _observed;
    int _isRemoved;

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        if (ready.ReceiveEndpoint is ReceiveEndpoint endpoint && Interlocked.Exchange(ref _observed, endpoint) != endpoint)
            endpoint.ObserverHandle = new StandIn(endpoint.ObserverHandle, Notice);
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping)
    {
        if (stopping.Removed)
            Notice();
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    void Notice()
    {
        if (Interlocked.Exchange(ref _isRemoved, 1) == 0)
            onRemoved();
    }

    sealed class StandIn(ConnectHandle? observers, Action onDisconnected) : ConnectHandle
    {
        public void Disconnect()
        {
            observers?.Disconnect();
            onDisconnected();
        }

        public void Dispose() => Disconnect();
    }
}
