using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Consuming;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Transports;

namespace Messaging.Breaker.Configuration;

/// <summary>Guards one endpoint: gathers its guards, judges whether it can be paused, and puts filters and gate in their places.</summary>
sealed class EndpointGuarding : ISpecification
{
    readonly BreakerRegistry _breakers;
    readonly EndpointRegistry _endpoints;
    readonly EndpointGuards _guards;
    readonly EndpointConsumption _consumption;
    readonly FailureHistories _histories = new();
    readonly List<string> _unknown = [];
    readonly HashSet<string> _nameless = [];
    readonly List<string> _keyless = [];
    readonly HashSet<string> _malformed = [];
    readonly Func<string, IReadOnlyList<CircuitBreaker>, EndpointBreaker?> _createOwn;
    readonly Action<EndpointBreaker> _removeOwn;
    readonly IReceiveEndpointConfigurator _endpoint;
    readonly EndpointServices _services;
    readonly EndpointBuild _build = new();
    IAdaptedEndpoint _adapted;

    public EndpointGuarding(
        IReceiveEndpointConfigurator endpoint,
        BreakerRegistry breakers,
        EndpointRegistry endpoints,
        TransportChoice transports,
        EndpointServices services,
        Func<Uri, IEndpointTransport, EndpointGate> createGate,
        Func<string, IReadOnlyList<CircuitBreaker>, EndpointBreaker?> createOwn,
        Action<EndpointBreaker> removeOwn)
    {
        _guards = new EndpointGuards(services.Time);
        (_endpoint, _services) = (endpoint, services);
        _breakers = breakers;
        _endpoints = endpoints;
        (_createOwn, _removeOwn) = (createOwn, removeOwn);
        _adapted = transports.Of(endpoint, services);
        Gate = createGate(endpoint.InputAddress, _adapted.Transport);
        AdoptGuards();

        var admission = new Admission(_guards, Gate, _histories, new KeyPlaces(_guards, Gate, () => _adapted.Places));
        endpoint.AddPrePipeSpecification(new GuardedFilterSpecification<ConsumeContext>(_guards, new AdmissionFilter(admission), this));
        endpoint.AddPipeSpecification(new GuardedFilterSpecification<ConsumeContext>(_guards, new OutcomeFilter(admission, new FailureTriage(_histories, Gate, services.Telemetry))));
        _consumption = new EndpointConsumption(_guards, GuardByAttribute);
        _consumption.Observe(endpoint);
        endpoint.AddEndpointSpecification(_build);
        _adapted.Attach(Gate);
    }

    EndpointGate Gate { get; }

    void AdoptGuards()
    {
        foreach (var breakers in GuardDeclaration.Adopt(_endpoint))
            if (breakers is [var only])
                Guard(only, _guards.GuardAll);
            else
                GuardByAny(breakers, null);
    }

    void GuardByAttribute(Type consumer, Type? messageType)
    {
        foreach (GuardedByAttribute attribute in Attribute.GetCustomAttributes(consumer, typeof(GuardedByAttribute)))
            if (string.IsNullOrWhiteSpace(attribute.Breaker))
                _nameless.Add(consumer.Name);
            else
            {
                Guard(attribute.Breaker, messageType is null ? _guards.GuardAll : breaker => _guards.GuardMessages(breaker, messageType));
                if (attribute.PartitionBy is { } property && _breakers.Find(attribute.Breaker) is { } split
                    && KeyProperty.Problem(consumer, messageType, property, selectors => _breakers.Partition(split, selectors)) is { } unsplit)
                    _keyless.Add(unsplit);
            }

        foreach (GuardedByAnyAttribute attribute in Attribute.GetCustomAttributes(consumer, typeof(GuardedByAnyAttribute)))
            if (AlternativeNames.ProblemOf(attribute.Breakers) is { } problem)
                _malformed.Add($"has the consumer {consumer.Name}, whose [GuardedByAny] {problem}");
            else
                GuardByAny(attribute.Breakers, messageType);
    }

    /// <summary>Not by those of them that exist: an outage would show that one was missing.</summary>
    void GuardByAny(IReadOnlyList<string> names, Type? messageType)
    {
        var found = new List<CircuitBreaker>();
        foreach (var name in names)
            Guard(name, found.Add);
        if (found.Count == names.Count)
            _guards.GuardAny([.. found], messageType);
    }

    void Guard(string name, Action<CircuitBreaker> guard)
    {
        if (_breakers.Find(name) is { } breaker)
            guard(breaker);
        else if (!_unknown.Contains(name))
            _unknown.Add(name);
    }

    /// <summary>The endpoint's consumers have been seen by now, since MassTransit validates them before its pipes.</summary>
    IEnumerable<ValidationResult> ISpecification.Validate()
    {
        // A rider declares its endpoint on the bus before the user may configure it.
        AdoptGuards();
        foreach (var consumer in _nameless)
            yield return this.Failure(Gate.Name, $"has the consumer {consumer}, whose [GuardedBy] names no breaker. Known breakers: {_breakers.KnownNames}");
        foreach (var name in _unknown)
            yield return this.Failure(
                Gate.Name, $"is guarded by breaker '{name}', which does not exist. Known breakers: {_breakers.KnownNames}. Add it with AddMessagingBreaker");
        foreach (var problem in _keyless.Concat(_malformed))
            yield return this.Failure(Gate.Name, problem);
        foreach (var breaker in _guards.Ambiguous)
            yield return this.Failure(
                Gate.Name, $"is guarded by breaker '{breaker.Name}' in two ways: alone, or as one of several of which one is enough. Keep one of the two");
        if (_guards.IsEmpty)
            yield break;
        if (Gate.Owner.Find(Gate.Address) is not null)
        {
            // MassTransit would refuse it, too, but only after its gate had taken the other's place.
            yield return this.Failure(Gate.Name, "is an endpoint of this bus already: remove that one before another is connected in its place");
            yield break;
        }

        if (!_build.IsOfBus)
            _adapted = TransportChoice.OfRider(Gate.Name, _services);
        string[] problems = [.. _consumption.Problems, .. _adapted.Problems, .. KeyProblems()];
        foreach (var problem in problems)
            yield return this.Failure(Gate.Name, $"cannot be guarded by a breaker: {problem}");
        if (problems.Length > 0)
            yield break;
        foreach (var warning in _adapted.Warnings)
        {
            // MassTransit tells nobody of a warning.
            _services.Log.EndpointWarning(Gate.Name, warning);
            yield return this.Warning(Gate.Name, warning);
        }

        if (_createOwn(Gate.Name, [.. _guards.Breakers]) is { } own)
            _guards.GuardBy(own);
        foreach (var group in _guards.Groups)
            Gate.Guard(group);
        if (!_build.IsOfBus)
            Gate.LeaveToRider(_adapted.Transport);
        else if (_guards.Partitions.FirstOrDefault() is { } partition)
            _guards.KeyQueues = _adapted.OfferKeyQueues(partition, _guards.InFlight);
        Gate.Removed += Forget;
        _endpoint.ConnectReceiveEndpointObserver(Gate);
        _endpoint.ConnectReceiveEndpointObserver(new UnreadMessages(_guards));
        _endpoint.ConnectReceiveEndpointObserver(new EndpointRemoval(() => _endpoints.Remove(Gate)));
        if ((_services.ReasonToStartPaused ?? StartDeclaration.ReasonOf(_endpoint) ?? _services.Options.StartPaused) is { Length: > 0 } reason)
            Gate.Holds.HoldFromStart(OneLine.Reason(reason, $"endpoint '{Gate.Name}'"));
        _endpoints.Add(Gate);
    }

    IEnumerable<string> KeyProblems()
    {
        if (_guards.Partitions.Skip(1).Any())
            yield return $"{string.Join(" and ", _guards.Partitions.Select(partition => $"'{partition.Whole.Name}'"))} are both split by keys, and a message "
                + "can wait in the queue of one key only; give the consumers endpoints of their own";
        if (_guards.Groups.Find(group => !group.IsOne && group.Breakers.Any(breaker => breaker.Partition is not null)) is { } group)
            yield return $"one of {string.Join(", ", group.Breakers.Select(breaker => $"'{breaker.Name}'"))} is split by keys, and a message that can go elsewhere does not wait for its key; "
                + "split none of several of which one is enough";
        if (_guards.ConsumesBatches && _guards.Partitions.FirstOrDefault() is { } split)
            yield return $"it consumes in batches, and a batch mixes the keys by which breaker '{split.Whole.Name}' is split; consume one by one, or group the batch by key on an endpoint without this breaker";
    }

    void Forget()
    {
        var own = _guards.Own;
        _guards.Forget();
        _histories.Forget();
        if (own is not null)
            _removeOwn(own);
    }
}
