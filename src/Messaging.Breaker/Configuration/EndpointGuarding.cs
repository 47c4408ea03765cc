using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Consuming;
using Messaging.Breaker.Gating;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.Telemetry;

namespace Messaging.Breaker.Configuration;

/// <summary>Guards one endpoint: gathers its guards, judges whether it can be paused, and puts filters and gate in their places.</summary>
sealed class EndpointGuarding : ISpecification
{
    readonly BreakerRegistry _breakers;
    readonly EndpointRegistry _endpoints;
    readonly EndpointGuards _guards;
    readonly EndpointConsumption _consumption;
    readonly List<string> _unknown = [];
    readonly RabbitMqReceiveEndpointConfiguration? _rabbit;

    public EndpointGuarding(
        IReceiveEndpointConfigurator endpoint,
        BreakerRegistry breakers,
        EndpointRegistry endpoints,
        TimeProvider time,
        EndpointTelemetry telemetry,
        Func<ReceiveSettings, Renewal> createRenewal,
        Func<Uri, IEndpointTransport, EndpointGate> createGate)
    {
        _guards = new EndpointGuards(time);
        _breakers = breakers;
        _endpoints = endpoints;
        _rabbit = endpoint as RabbitMqReceiveEndpointConfiguration;
        var rabbitTransport = _rabbit is null ? null : new RabbitMqTransport(_rabbit.Settings, createRenewal(_rabbit.Settings));
        Gate = createGate(endpoint.InputAddress, (IEndpointTransport?)rabbitTransport ?? new HoldingTransport());

        foreach (var breaker in GuardDeclaration.Adopt(endpoint))
            Guard(breaker, _guards.GuardAll);

        var cases = new CaseBook();
        var admission = new Admission(_guards, Gate, cases);
        endpoint.AddPrePipeSpecification(new GuardedFilterSpecification<ConsumeContext>(_guards, new AdmissionFilter(admission), this));
        endpoint.AddPipeSpecification(new GuardedFilterSpecification<ConsumeContext>(_guards, new OutcomeFilter(admission, new Judge(cases, Gate, telemetry))));
        _consumption = new EndpointConsumption(_guards, GuardByAttribute);
        _consumption.Observe(endpoint);
        endpoint.ConnectReceiveEndpointObserver(Gate);
        if (rabbitTransport is null)
            return;
        // Known from the start, and unless somebody chooses another the same for the endpoint's whole life, as MassTransit has it anyway.
        _rabbit!.OverrideConsumerTag($"{Gate.Name}-{NewId.Next():N}");
        _rabbit.ConfigureChannel(channel => channel.AddPipeSpecification(
                new GuardedFilterSpecification<ChannelContext>(_guards, new ConsumerStart(rabbitTransport, Gate, time))));
    }

    public EndpointGate Gate { get; }

    void GuardByAttribute(Type consumer, Type? messageType)
    {
        foreach (GuardedByAttribute attribute in Attribute.GetCustomAttributes(consumer, typeof(GuardedByAttribute)))
            Guard(attribute.Breaker, messageType is null ? _guards.GuardAll : breaker => _guards.GuardMessages(breaker, messageType));
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
        foreach (var name in _unknown)
            yield return this.Failure(
                Gate.Name, $"is guarded by breaker '{name}', which does not exist. Known breakers: {_breakers.KnownNames}. Add it with AddMessagingBreaker");
        if (_guards.IsEmpty)
            yield break;
        if (Gate.Owner.Find(Gate.Address) is not null)
        {
            // MassTransit would refuse it, too, but only after its gate had taken the other's place.
            yield return this.Failure(Gate.Name, "is an endpoint of this bus already: remove that one before another is connected in its place");
            yield break;
        }

        foreach (var problem in _consumption.Problems)
            yield return this.Failure(Gate.Name, $"cannot be guarded by a breaker: {problem}");
        if (_rabbit is not null)
        {
            foreach (var problem in PausabilityRules.Problems(_rabbit))
                yield return this.Failure(Gate.Name, $"cannot be guarded by a breaker: {problem}");
            foreach (var warning in PausabilityRules.Warnings(_rabbit))
                yield return this.Warning(Gate.Name, warning);
        }

        foreach (var breaker in _guards.Breakers)
            Gate.Guard(breaker);
        _endpoints.Add(Gate);
    }
}
