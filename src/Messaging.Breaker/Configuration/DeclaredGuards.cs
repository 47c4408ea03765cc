using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Consuming;

namespace Messaging.Breaker.Configuration;

/// <summary>Collects the guards of one endpoint, from <c>UseBreaker</c> and from attributes, and the problems with them.</summary>
sealed class DeclaredGuards(EndpointGuards guards, BreakerRegistry breakers)
{
    readonly HashSet<string> _nameless = [];
    readonly HashSet<string> _unknown = [];
    readonly HashSet<string> _malformed = [];

    public IEnumerable<string> Problems =>
    [
        .. _nameless.Select(consumer => $"has the consumer {consumer}, whose [GuardedBy] names no breaker. Known breakers: {breakers.KnownNames}"),
        .. _unknown.Select(name => $"is guarded by breaker '{name}', which does not exist. Known breakers: {breakers.KnownNames}. Add it with AddMessagingBreaker"),
        .. _malformed,
        .. guards.Ambiguous.Select(breaker =>
            $"is guarded by breaker '{breaker.Name}' both alone and as one of several alternatives. Keep one of the two"),
    ];

    /// <summary>Adds the guards that <c>UseBreaker</c> and <c>UseAnyBreaker</c> have declared so far.</summary>
    public void Adopt(IReceiveEndpointConfigurator endpoint)
    {
        foreach (var names in GuardDeclaration.Adopt(endpoint))
            if (names is [var only])
                Guard(only, guards.GuardAll);
            else
                GuardByAny(names, null);
    }

    /// <summary>Adds the guards that a consumer's attributes declare.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="messageType">What it consumes; null for everything that the endpoint consumes.</param>
    public void Adopt(Type consumer, Type? messageType)
    {
        foreach (GuardedByAttribute attribute in Attribute.GetCustomAttributes(consumer, typeof(GuardedByAttribute)))
            if (string.IsNullOrWhiteSpace(attribute.Breaker))
                _nameless.Add(consumer.Name);
            else
            {
                Guard(attribute.Breaker, messageType is null ? guards.GuardAll : breaker => guards.GuardMessages(breaker, messageType));
                Partition(attribute, consumer, messageType);
            }

        foreach (GuardedByAnyAttribute attribute in Attribute.GetCustomAttributes(consumer, typeof(GuardedByAnyAttribute)))
            if (AlternativeNames.ProblemOf(attribute.Breakers) is { } problem)
                _malformed.Add($"has the consumer {consumer.Name}, whose [GuardedByAny] {problem}");
            else
                GuardByAny(attribute.Breakers, messageType);
    }

    void Partition(GuardedByAttribute attribute, Type consumer, Type? messageType)
    {
        if (attribute.PartitionBy is { } property && breakers.Find(attribute.Breaker) is { } split
            && KeyProperty.Problem(consumer, messageType, property, selectors => breakers.Partition(split, selectors)) is { } problem)
            _malformed.Add(problem);
    }

    /// <summary>Guards only if all of them exist. Otherwise only an outage would show that one is missing.</summary>
    void GuardByAny(IReadOnlyList<string> names, Type? messageType)
    {
        var found = new List<CircuitBreaker>();
        foreach (var name in names)
            Guard(name, found.Add);
        if (found.Count == names.Count)
            guards.GuardAny([.. found], messageType);
    }

    void Guard(string name, Action<CircuitBreaker> guard)
    {
        if (breakers.Find(name) is { } breaker)
            guard(breaker);
        else
            _unknown.Add(name);
    }
}
