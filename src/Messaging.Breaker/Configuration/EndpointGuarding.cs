using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Consuming;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Transports;

namespace Messaging.Breaker.Configuration;

/// <summary>
/// Guards one endpoint. The filters are placed when the endpoint is declared, and left out again if nothing guards it. Its guards are known when
/// MassTransit validates the bus. Only then are they checked and the rest is connected.
/// </summary>
sealed class EndpointGuarding : ISpecification
{
    readonly IReceiveEndpointConfigurator _endpoint;
    readonly EndpointRegistry _endpoints;
    readonly EndpointServices _services;
    readonly EndpointBreakers _ownBreakers;
    readonly EndpointGuards _guards;
    readonly DeclaredGuards _declared;
    readonly EndpointConsumption _consumption;
    readonly FailureHistories _histories = new();
    readonly EndpointBuild _build = new();
    readonly EndpointGate _gate;
    IAdaptedEndpoint _adapted;

    public EndpointGuarding(
        IReceiveEndpointConfigurator endpoint,
        BreakerRegistry breakers,
        EndpointRegistry endpoints,
        TransportChoice transports,
        EndpointServices services,
        EndpointBreakers ownBreakers,
        Func<Uri, IEndpointTransport, EndpointGate> createGate)
    {
        (_endpoint, _endpoints, _services, _ownBreakers) = (endpoint, endpoints, services, ownBreakers);
        _guards = new EndpointGuards(services.Time);
        _declared = new DeclaredGuards(_guards, breakers);
        _consumption = new EndpointConsumption(_guards, _declared.Adopt);
        _adapted = transports.Of(endpoint, services);
        _gate = createGate(endpoint.InputAddress, _adapted.Transport);

        _declared.Adopt(endpoint);
        AddFilters();
        _consumption.Observe(endpoint);
        endpoint.AddEndpointSpecification(_build);
        _adapted.Attach(_gate);
    }

    /// <summary>The endpoint's consumers have been seen by now, since MassTransit validates them before its pipes.</summary>
    IEnumerable<ValidationResult> ISpecification.Validate()
    {
        // A rider declares its endpoint on the bus before the user can configure it.
        _declared.Adopt(_endpoint);
        foreach (var problem in _declared.Problems)
            yield return this.Failure(_gate.Name, problem);
        if (_guards.IsEmpty)
            yield break;
        if (_gate.Owner.Find(_gate.Address) is not null)
        {
            // MassTransit would refuse it too, but only after its gate had replaced the other's.
            yield return this.Failure(_gate.Name, "is an endpoint of this bus already: remove that one before another is connected in its place");
            yield break;
        }

        if (!_build.IsOfBus)
            _adapted = TransportChoice.OfRider(_gate.Name, _services);
        string[] problems = [.. _consumption.Problems, .. _adapted.Problems, .. KeyProblems()];
        foreach (var problem in problems)
            yield return this.Failure(_gate.Name, $"cannot be guarded by a breaker: {problem}");
        if (problems.Length > 0)
            yield break;
        foreach (var warning in _adapted.Warnings)
        {
            // MassTransit does not report warnings.
            _services.Log.EndpointWarning(_gate.Name, warning);
            yield return this.Warning(_gate.Name, warning);
        }

        AddOwnBreaker();
        GuardGate();
        ConnectTransport();
        ConnectObservers();
        HoldFromStart();
        _endpoints.Add(_gate);
    }

    /// <summary>Adds the outermost filter, once per message, and the innermost one, around the consumers of one message type.</summary>
    void AddFilters()
    {
        var places = new KeyPlaces(_guards, _gate, () => _adapted.Places);
        var admission = new Admission(_guards, _gate, _histories, places);
        var triage = new FailureTriage(_histories, _gate, _services.Telemetry);
        _endpoint.AddPrePipeSpecification(new GuardedFilterSpecification<ConsumeContext>(_guards, new AdmissionFilter(admission), this));
        _endpoint.AddPipeSpecification(new GuardedFilterSpecification<ConsumeContext>(_guards, new OutcomeFilter(admission, triage)));
    }

    void AddOwnBreaker()
    {
        if (_services.Options.EndpointBreaker is { } configure)
            _guards.GuardBy(_ownBreakers.Create(_gate.Name, [.. _guards.Breakers], configure));
    }

    void GuardGate()
    {
        foreach (var group in _guards.Groups)
            _gate.Guard(group);
    }

    void ConnectTransport()
    {
        if (!_build.IsOfBus)
            _gate.LeaveToRider(_adapted.Transport);
        else if (_guards.Partitions.FirstOrDefault() is { } partition)
            _guards.KeyQueues = _adapted.OfferKeyQueues(partition, _guards.InFlight);
    }

    void ConnectObservers()
    {
        _gate.Removed += Forget;
        _endpoint.ConnectReceiveEndpointObserver(_gate);
        _endpoint.ConnectReceiveEndpointObserver(new UnreadMessages(_guards));
        _endpoint.ConnectReceiveEndpointObserver(new EndpointRemoval(() => _endpoints.Remove(_gate)));
    }

    void HoldFromStart()
    {
        if ((_services.ReasonToStartPaused ?? StartDeclaration.ReasonOf(_endpoint) ?? _services.Options.StartPaused) is { Length: > 0 } reason)
            _gate.Holds.HoldFromStart(OneLine.Reason(reason, $"endpoint '{_gate.Name}'"));
    }

    IEnumerable<string> KeyProblems()
    {
        if (_guards.Partitions.Skip(1).Any())
            yield return $"{string.Join(" and ", _guards.Partitions.Select(partition => $"'{partition.Whole.Name}'"))} are both split by keys, but a message "
                + "can wait in only one key's queue; give the consumers separate endpoints";
        if (_guards.Groups.Find(group => !group.IsOne && group.Breakers.Any(breaker => breaker.Partition is not null)) is { } group)
            yield return $"one of {string.Join(", ", group.Breakers.Select(breaker => $"'{breaker.Name}'"))} is split by keys, but a message that can go elsewhere does not wait for its key; "
                + "do not split alternatives";
        if (_guards.ConsumesBatches && _guards.Partitions.FirstOrDefault() is { } split)
            yield return $"it consumes in batches, and a batch mixes the keys of breaker '{split.Whole.Name}'; consume messages one by one, or batch by key on an endpoint without this breaker";
    }

    void Forget()
    {
        var own = _guards.Own;
        _guards.Forget();
        _histories.Forget();
        if (own is not null)
            _ownBreakers.Remove(own);
    }
}
