using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Gating;

/// <summary>The gates of all guarded endpoints; tells those of a breaker when it changes.</summary>
sealed class EndpointRegistry : IEndpointRegistry
{
    readonly Lock _lock = new();
    readonly List<EndpointGate> _gates = [];

    public EndpointRegistry(BreakerRegistry breakers) => breakers.Listen(_ => Reconsider());

    public IReadOnlyList<EndpointSnapshot> Endpoints => [.. Gates().Select(gate => gate.GetSnapshot())];

    public void Pause(string endpoint, string reason, TimeSpan? expiry = null)
    {
        if (expiry <= TimeSpan.Zero || expiry > TimeSpan.FromDays(30))
            throw new ArgumentOutOfRangeException(
                nameof(expiry), expiry, $"The expiry of a hold on endpoint '{endpoint}' must be positive and at most 30 days; leave it out for none.");
        foreach (var gate in Find(endpoint))
            gate.Hold(reason, expiry);
    }

    public void Resume(string endpoint)
    {
        foreach (var gate in Find(endpoint))
            gate.Release();
    }

    /// <summary>An endpoint that is connected at run time replaces that of the same bus and address, which was removed.</summary>
    public void Add(EndpointGate gate)
    {
        lock (_lock)
        {
            foreach (var removed in _gates.FindAll(known => known.Address == gate.Address && known.Owner == gate.Owner))
            {
                gate.Replace(removed);
                _gates.Remove(removed);
            }

            _gates.Add(gate);
        }
    }

    void Reconsider()
    {
        foreach (var gate in Gates())
            gate.Reconsider();
    }

    List<EndpointGate> Find(string endpoint)
    {
        var found = Gates().FindAll(gate => string.Equals(gate.Name, endpoint, StringComparison.OrdinalIgnoreCase));
        return found.Count > 0 ? found : throw new KeyNotFoundException(
            $"No guarded endpoint is named '{endpoint}'. Known endpoints: {string.Join(", ", Gates().Select(gate => $"'{gate.Name}'"))}.");
    }

    List<EndpointGate> Gates()
    {
        lock (_lock)
            return [.. _gates];
    }
}
