using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Gating;

/// <summary>The breakers that can hold back the messages of one endpoint. They are added before the endpoint starts.</summary>
sealed class GateGuards
{
    List<Alternatives> _guards = [];

    public IReadOnlyList<Alternatives> All => _guards;

    public IEnumerable<CircuitBreaker> Breakers => _guards.SelectMany(guard => guard.Breakers);

    /// <summary>The breakers because of which a message is returned now.</summary>
    public IEnumerable<CircuitBreaker> Unavailable => _guards.Where(guard => guard.IsOne || !guard.IsAnyClosed).SelectMany(guard => guard.Breakers);

    /// <summary>The shortest timeout of all breakers.</summary>
    public TimeSpan DrainTimeout => Breakers.Select(breaker => breaker.Options.DrainTimeout).DefaultIfEmpty().Min();

    /// <summary>One open breaker pauses the endpoint. Of those that probe, the lowest limit applies.</summary>
    public DesiredState Desired
    {
        get
        {
            var limit = int.MaxValue;
            var prober = "";
            foreach (var guard in _guards)
            {
                if (guard.FailFastRequests)
                    continue;
                if (guard.IsRefusing)
                    return new DesiredState(EndpointState.Paused, null, guard.PauseReason);
                if (guard.ProbeLimit is { } probes && probes < limit)
                    (limit, prober) = (probes, guard.ProbeReason);
            }

            return limit == int.MaxValue
                ? DesiredState.Running
                : new DesiredState(EndpointState.Limited, limit, prober);
        }
    }

    public void Add(Alternatives guard) => _guards.Add(guard);

    /// <summary>Removes the endpoint's own breaker, because the endpoint has been removed.</summary>
    public void RemoveLocal() => _guards = _guards.FindAll(guard => !guard.IsLocal);
}
