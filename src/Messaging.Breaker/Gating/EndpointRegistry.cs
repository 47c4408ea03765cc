using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Gating;

/// <summary>The gates of all guarded endpoints; tells those of a breaker when it changes.</summary>
sealed class EndpointRegistry : IEndpointRegistry
{
    readonly Lock _lock = new();
    readonly List<EndpointGate> _gates = [];
    readonly Dictionary<(IEndpointOwner Owner, Uri Address), (string Name, EndpointHold Hold)> _holds = [];
    readonly TimeProvider _time;

    public EndpointRegistry(BreakerRegistry breakers, TimeProvider time)
    {
        _time = time;
        breakers.Listen(_ => Reconsider());
    }

    public IReadOnlyList<EndpointSnapshot> Endpoints => [.. Gates().Select(gate => gate.GetSnapshot())];

    public void Pause(string endpoint, string reason, TimeSpan? expiry = null)
    {
        if (expiry <= TimeSpan.Zero || expiry > TimeSpan.FromDays(30))
            throw new ArgumentOutOfRangeException(
                nameof(expiry), expiry, $"The expiry of a hold on endpoint '{endpoint}' must be positive and at most 30 days; leave it out for none.");
        reason = OneLine.Reason(reason, $"endpoint '{endpoint}'");
        foreach (var gate in Find(endpoint))
            gate.Hold(reason, expiry);
    }

    public void Resume(string endpoint)
    {
        var isForgotten = ReleaseRemoved(endpoint) && !Gates().Exists(gate => IsNamed(gate.Name, endpoint));
        foreach (var gate in isForgotten ? [] : Find(endpoint))
            gate.Release();
    }

    /// <summary>
    /// An endpoint that is connected at run time replaces that of the same bus and address, which was removed or could not be connected, and is held
    /// if an operator held that one.
    /// </summary>
    public void Add(EndpointGate gate)
    {
        Gates().FindAll(known => KeyOf(known) == KeyOf(gate)).ForEach(Remove);
        (string, EndpointHold Hold) kept;
        lock (_lock)
        {
            _gates.Add(gate);
            _holds.Remove(KeyOf(gate), out kept);
        }

        if (kept.Hold is { } hold && !HasExpired(hold))
            gate.Hold(hold.Reason, hold.Until - _time.GetUtcNow());
    }

    /// <summary>The endpoint was removed from its bus. Nothing of it stays but an operator's hold, for the one that may take its place.</summary>
    public void Remove(EndpointGate gate)
    {
        lock (_lock)
            if (!_gates.Remove(gate))
                return;
        var hold = gate.Remove();
        lock (_lock)
        {
            foreach (var (key, _) in _holds.Where(kept => HasExpired(kept.Value.Hold)).ToList())
                _holds.Remove(key);
            if (hold is not null)
                _holds[KeyOf(gate)] = (gate.Name, hold);
        }
    }

    public List<EndpointGate> Gates()
    {
        lock (_lock)
            return [.. _gates];
    }

    /// <summary>The gates of one bus.</summary>
    public List<EndpointGate> Of(IEndpointOwner owner) => Gates().FindAll(gate => gate.Owner == owner);

    static (IEndpointOwner, Uri) KeyOf(EndpointGate gate) => (gate.Owner, gate.Address);

    static bool IsNamed(string name, string endpoint) => string.Equals(name, endpoint, StringComparison.OrdinalIgnoreCase);

    bool HasExpired(EndpointHold hold) => hold.Until <= _time.GetUtcNow();

    /// <summary>Whether there were holds of removed endpoints of that name.</summary>
    bool ReleaseRemoved(string endpoint)
    {
        lock (_lock)
        {
            var kept = _holds.Where(kept => IsNamed(kept.Value.Name, endpoint)).Select(kept => kept.Key).ToList();
            kept.ForEach(key => _holds.Remove(key));
            return kept.Count > 0;
        }
    }

    void Reconsider()
    {
        foreach (var gate in Gates())
            gate.Reconsider();
    }

    List<EndpointGate> Find(string endpoint)
    {
        var found = Gates().FindAll(gate => IsNamed(gate.Name, endpoint));
        return found.Count > 0 ? found : throw new KeyNotFoundException(
            $"No guarded endpoint is named '{endpoint}'. Known endpoints: {string.Join(", ", Gates().Select(gate => $"'{gate.Name}'"))}.");
    }
}
