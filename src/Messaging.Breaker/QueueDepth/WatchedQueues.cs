using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// Which broker each queue is on. A bus reports all its endpoints when it is configured, before it is known which of them are guarded.
/// </summary>
sealed class WatchedQueues(IOptions<QueueDepthOptions> options, IEndpointRegistry endpoints) : IAsyncDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<string, IQueueSource> _sources = [];
    readonly Dictionary<string, List<(string Broker, QueueLimits Limits)>> _queues = [];

    /// <summary>The first one is also used for queues that were only named.</summary>
    public void Add(string broker, Func<IQueueSource> open)
    {
        lock (_lock)
            if (!_sources.ContainsKey(broker))
                _sources.Add(broker, open());
    }

    public void Add(string broker, string queue, QueueLimits limits)
    {
        lock (_lock)
            (CollectionsMarshal.GetValueRefOrAddDefault(_queues, queue, out _) ??= []).Add((broker, limits));
    }

    /// <summary>An endpoint with this queue was removed from its bus.</summary>
    public void Remove(string broker, string queue, QueueLimits limits)
    {
        lock (_lock)
            if (_queues.TryGetValue(queue, out var known) && known.Remove((broker, limits)) && known.Count == 0)
                _queues.Remove(queue);
    }

    /// <summary>Whether the queue belongs to an endpoint, or was named.</summary>
    public bool Knows(string queue)
    {
        lock (_lock)
            return _queues.ContainsKey(queue) || options.Value.Queues.Contains(queue);
    }

    /// <summary>The brokers to read, each with its queues: those of guarded endpoints, and those that were named.</summary>
    public IReadOnlyList<(IQueueSource Source, IReadOnlyCollection<string> Queues)> Due()
    {
        lock (_lock)
        {
            if (_sources.Count == 0)
                return [];
            var others = _sources.Keys.First();
            return
            [
                // The queue of an endpoint that has never started may not have been declared.
                .. endpoints.Endpoints.Where(endpoint => endpoint.State != EndpointState.Stopped)
                    .Select(endpoint => endpoint.Name)
                    .Where(_queues.ContainsKey)
                    .Union(options.Value.Queues)
                    .GroupBy(queue => _queues.TryGetValue(queue, out var known) ? known[^1].Broker : others)
                    .Select(group => (_sources[group.Key], (IReadOnlyCollection<string>)[.. group])),
            ];
        }
    }

    public QueueLimits LimitsOf(string queue)
    {
        lock (_lock)
            return _queues.TryGetValue(queue, out var known) ? known[^1].Limits : QueueLimits.None;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
            await source.DisposeAsync().ConfigureAwait(false);
    }
}
