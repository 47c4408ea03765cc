using Messaging.Breaker.Gating;


namespace Messaging.Breaker.DeadLetters;

/// <summary>What the breakers and operators of this instance say about an endpoint.</summary>
sealed class TargetGuards(IEndpointRegistry endpoints, IBreakerRegistry breakers)
{
    /// <returns>Why no message may be moved to the queue; null if messages may be moved.</returns>
    public Obstacle? ObstacleOf(string queue)
    {
        foreach (var endpoint in Find(queue))
        {
            if (endpoint.FindAway(breakers).FirstOrDefault()?.GetSnapshot() is { } open)
                return new Obstacle($"breaker '{open.Name}' is {open.State}: {open.Reason}", open.Generation);
            if (endpoint.Hold is { } hold)
                return new Obstacle($"endpoint '{endpoint.Name}' is held by an operator: {hold.Reason}", null);
        }

        return null;
    }

    /// <summary>How many messages the endpoint gets at once while its concurrency ramps up; null for no limit.</summary>
    public int? RampLimitOf(string queue) => Find(queue)
        .SelectMany(endpoint => endpoint.Breakers.Where(name => !endpoint.IsReplaced(name, breakers)))
        .Min(name => breakers.TryGet(name, out var breaker) ? breaker.GetSnapshot().RampLimit : null);

    IEnumerable<EndpointSnapshot> Find(string queue) => endpoints.Endpoints.Where(endpoint => endpoint.Name == queue);
}
