using Microsoft.Extensions.Options;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Where the dead letters of each endpoint are. A bus reports all its endpoints when it is configured, before it is known which of them are
/// guarded. Thread-safe.
/// </summary>
sealed class KnownQueues(IOptions<DeadLetterOptions> options, IEndpointRegistry endpoints)
{
    static readonly string[] Suffixes = ["_error", "_skipped"];

    readonly Lock _lock = new();
    readonly Dictionary<string, (string Error, string Skipped, IDeadLetterBroker Broker)> _known = [];
    IDeadLetterBroker? _first;

    public IReadOnlyList<DeadLetterSource> Offered => [.. Find().Select(known => known.Queue)];

    /// <summary>An endpoint was configured.</summary>
    public void Add(string endpoint, string error, string skipped, IDeadLetterBroker broker)
    {
        lock (_lock)
        {
            _known[endpoint] = (error, skipped, broker);
            _first ??= broker;
        }
    }

    public (DeadLetterSource Queue, IDeadLetterBroker Broker) Get(string queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var all = Find();
        return all.Find(known => known.Queue.Name == queue) is { Queue: not null } found ? found : throw new KeyNotFoundException(
            $"The dead letters of queue '{queue}' are not available here. Available queues: {(all.Count == 0 ? "none" : string.Join(", ", all.Select(known => $"'{known.Queue.Name}'")))}. "
            + "Add others with AddMessagingBreaker(breakers => breakers.OfferDeadLetters(options => options.Queues.Add(...))).");
    }

    /// <summary>Whether it is the queue of an endpoint whose dead letters are known.</summary>
    public bool Knows(string queue)
    {
        lock (_lock)
            return _known.ContainsKey(queue);
    }

    /// <summary>Where messages of a queue go if they fail again.</summary>
    public string ErrorQueueOf(string queue)
    {
        lock (_lock)
            return _known.TryGetValue(queue, out var known) ? known.Error : queue + Suffixes[0];
    }

    List<(DeadLetterSource Queue, IDeadLetterBroker Broker)> Find()
    {
        var guarded = endpoints.Endpoints.Select(endpoint => endpoint.Name).ToList();
        var found = new List<(DeadLetterSource Queue, IDeadLetterBroker Broker)>();
        lock (_lock)
        {
            foreach (var endpoint in guarded.Distinct())
                if (_known.TryGetValue(endpoint, out var known))
                    foreach (var name in (string[])[known.Error, known.Skipped])
                        found.Add((new DeadLetterSource { Name = name, Endpoint = endpoint }, known.Broker));
            if (_first is { } first)
                foreach (var name in options.Value.Queues.Where(name => !found.Exists(known => known.Queue.Name == name)))
                    found.Add((new DeadLetterSource { Name = name, Endpoint = MainQueueOf(name) }, first));
        }

        return found;
    }

    static string? MainQueueOf(string name) =>
        Array.Find(Suffixes, suffix => name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal)) is { } end ? name[..^end.Length] : null;
}
