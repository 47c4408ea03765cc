using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Windows;

/// <summary>
/// Passes on news of windows: to the keeper when one is planned or removed, and to anyone who watches when one begins or ends. Thread-safe.
/// </summary>
sealed class WindowChanges : IFleetListener
{
    readonly Broadcast<WindowNews> _watchers = new(mostUnread: 100);


    /// <summary>Raised when this instance has planned, removed or reloaded a window.</summary>
    public AsyncSignal Woken { get; } = new();

    /// <summary>Raised when another instance has planned or removed a window.</summary>
    public AsyncSignal Told { get; } = new();

    public void Announced(string name)
    {
        if (name == FleetWindows.Name)
            Told.Raise();
    }

    public void Publish(WindowNews news) => _watchers.Publish(news);

    /// <inheritdoc cref="IPlannedWindows.WatchAsync"/>
    public IAsyncEnumerable<WindowNews> WatchAsync(CancellationToken cancellationToken) => _watchers.WatchAsync(cancellationToken);
}
