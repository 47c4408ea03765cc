using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Gating;

/// <summary>The gates of all guarded endpoints. Notifies the gates of a breaker when it changes.</summary>
sealed class EndpointRegistry : IEndpointRegistry
{
    readonly Lock _lock = new();
    readonly List<EndpointGate> _gates = [];
    readonly Dictionary<(IEndpointOwner Owner, Uri Address), (string Name, OperatorHold Hold)> _holds = [];
    readonly TimeProvider _time;
    volatile IHoldSharing? _sharing;
    volatile Func<string, Task>? _plans;

    public EndpointRegistry(BreakerRegistry breakers, TimeProvider time)
    {
        _time = time;
        breakers.Listen(_ => Reconsider());
    }

    public IReadOnlyList<EndpointSnapshot> Endpoints => [.. Gates().Select(gate => gate.GetSnapshot())];

    public void Pause(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false) =>
        _ = PauseAsync(endpoint, reason, expiry, by, thisInstanceOnly);

    public Task<HoldOutcome> PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false)
    {
        var hold = HoldOrders.Check(endpoint, reason, expiry, by, _time);
        var gates = Find(endpoint);
        if (!thisInstanceOnly && _sharing is { } sharing)
            return sharing.HoldAsync(gates[0].Name, hold, expiry);
        foreach (var gate in gates)
            gate.Holds.Hold(hold, expiry);
        return Task.FromResult(HoldOutcome.ThisInstance);
    }

    public void Resume(string endpoint, string? by = null, bool thisInstanceOnly = false) => _ = ResumeAsync(endpoint, by, thisInstanceOnly);

    public Task<HoldOutcome> ResumeAsync(string endpoint, string? by = null, bool thisInstanceOnly = false)
    {
        by = HoldOrders.Tidy(by);
        var isForgotten = ReleaseRemoved(endpoint) && !Gates().Exists(gate => IsNamed(gate.Name, endpoint));
        var gates = isForgotten ? [] : Find(endpoint);
        foreach (var gate in gates)
            gate.Holds.Release(by);
        if (!thisInstanceOnly && _sharing is { } sharing)
            return sharing.ReleaseAsync(isForgotten ? endpoint : gates[0].Name, by);
        return Task.FromResult(gates.Exists(gate => gate.Holds.IsOfFleet) ? HoldOutcome.HeldByFleet : HoldOutcome.ThisInstance);
    }

    /// <summary>Switches to holds of a fleet, or back.</summary>
    public void Share(IHoldSharing? sharing)
    {
        _sharing = sharing;
        foreach (var gate in Gates())
            gate.Holds.Known = AskAsync(gate.Name);
    }

    /// <summary>From now on, an endpoint that starts also waits until windows that are due have been applied.</summary>
    public void Plan(Func<string, Task> begin)
    {
        _plans = begin;
        foreach (var gate in Gates())
            gate.Holds.Known = AskAsync(gate.Name);
    }

    /// <summary>The fleet holds the endpoint for the remaining time, or no longer does.</summary>
    public void Follow(string endpoint, EndpointHold? hold, TimeSpan? left)
    {
        foreach (var gate in Gates().FindAll(gate => IsNamed(gate.Name, endpoint)))
            gate.Holds.Follow(hold, left);
    }

    /// <summary>The fleet has resumed the endpoint.</summary>
    public void ReleaseFromStart(string endpoint)
    {
        foreach (var gate in Gates().FindAll(gate => IsNamed(gate.Name, endpoint)))
            gate.Holds.ReleaseFromStart();
    }

    /// <summary>
    /// An endpoint that is connected at run time replaces the one at the same address of the same bus, which was removed or could not be
    /// connected. It is held if an operator held that one.
    /// </summary>
    public void Add(EndpointGate gate)
    {
        Gates().FindAll(known => KeyOf(known) == KeyOf(gate)).ForEach(Remove);
        (string, OperatorHold Hold) kept;
        lock (_lock)
        {
            _gates.Add(gate);
            _holds.Remove(KeyOf(gate), out kept);
        }

        if (kept.Hold is { HasExpired: false } hold)
            gate.Holds.Hold(hold.Hold, hold.Left);
        gate.Holds.Known = AskAsync(gate.Name);
    }

    /// <summary>The endpoint was removed from its bus. Only an operator's hold remains, for an endpoint that may replace it.</summary>
    public void Remove(EndpointGate gate)
    {
        lock (_lock)
            if (!_gates.Remove(gate))
                return;
        var hold = gate.Remove();
        lock (_lock)
        {
            foreach (var (key, _) in _holds.Where(kept => kept.Value.Hold.HasExpired).ToList())
                _holds.Remove(key);
            if (hold is not null)
                _holds[KeyOf(gate)] = (gate.Name, hold);
        }

        if (!Gates().Exists(other => IsNamed(other.Name, gate.Name)))
            _sharing?.Forget(gate.Name);
    }

    public List<EndpointGate> Gates()
    {
        lock (_lock)
            return [.. _gates];
    }

    /// <summary>The gates of one bus.</summary>
    public List<EndpointGate> Of(IEndpointOwner owner) => Gates().FindAll(gate => gate.Owner == owner);

    /// <summary>Completes when it is known whether the endpoint is held, or when that cannot be known now.</summary>
    async Task AskAsync(string endpoint)
    {
        if (_sharing is { } sharing)
            await sharing.Watch(endpoint).ConfigureAwait(false);
        if (_plans is { } plans)
            await plans(endpoint).ConfigureAwait(false);
    }

    static (IEndpointOwner, Uri) KeyOf(EndpointGate gate) => (gate.Owner, gate.Address);

    static bool IsNamed(string name, string endpoint) => string.Equals(name, endpoint, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether there were holds of removed endpoints with that name.</summary>
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
