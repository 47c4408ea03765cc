namespace Messaging.Breaker.Gating;

/// <summary>The breakers of an endpoint that it cannot do without at the moment.</summary>
static class NeededBreakers
{
    /// <summary>The breakers that are not closed and have no closed alternative.</summary>
    public static IEnumerable<IBreaker> FindAway(this EndpointSnapshot endpoint, IBreakerRegistry breakers)
    {
        foreach (var name in endpoint.Breakers)
            if (breakers.TryGet(name, out var breaker) && !AdmitsAll(breaker) && !endpoint.IsReplaced(name, breakers))
                yield return breaker;
    }

    /// <summary>Whether an alternative is closed.</summary>
    public static bool IsReplaced(this EndpointSnapshot endpoint, string breaker, IBreakerRegistry breakers) => endpoint.Alternatives.Any(group =>
        group.Contains(breaker) && group.Any(other => other != breaker && breakers.TryGet(other, out var found) && AdmitsAll(found)));

    static bool AdmitsAll(IBreaker breaker) => breaker is not { Mode: BreakerMode.Enforcing, State: not BreakerState.Closed };
}
