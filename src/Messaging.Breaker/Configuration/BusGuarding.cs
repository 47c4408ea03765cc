using System.Collections.Immutable;
using MassTransit;
using MassTransit.Configuration;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Configuration;

/// <summary>Guards the endpoints of one bus as they are declared, and releases them when the bus stops.</summary>
sealed class BusGuarding(IServiceProvider container, BusBreakerOptions options, BreakerRegistry breakers, EndpointRegistry endpoints, EndpointBreakers own,
    TransportChoice transports, BreakerTelemetry telemetry, TimeProvider time, ILoggerFactory loggers)
    : IEndpointConfigurationObserver, IBusObserver, IEndpointOwner
{
    readonly HashSet<string> _declared = [];
    readonly ILogger _log = loggers.CreateLog();
    IBusControl? _bus;
    bool _hasFailed;

    bool IEndpointOwner.HasEnded
    {
        get
        {
            try
            {
                container.GetService(typeof(TimeProvider));
                return false;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Whether this is the bus, or may be: other observers of the bus may be told first that it was created.</summary>
    public bool MayGuard(IBus bus) => _bus is null ? !_hasFailed : _bus == bus;

    IReceiveEndpoint? IEndpointOwner.Find(Uri address) => Endpoints().GetValueOrDefault(address.ToString()).ReceiveEndpoint;

    void IEndpointConfigurationObserver.EndpointConfigured<T>(T configurator)
    {
        if (configurator is IEndpointConfiguration { IsBusEndpoint: true })
            return;
        var name = EndpointName.Of(configurator);
        var measured = telemetry.Of(name);
        if (_bus is null)
            _declared.Add(configurator.InputAddress.ToString());
        _ = new EndpointGuarding(
            configurator,
            breakers,
            endpoints,
            transports,
            new EndpointServices(options, measured, time, _log) { ReasonToStartPaused = container.GetRequiredService<BreakersSection>().ReasonToStartPaused(name) },
            own,
            (address, transport) => new EndpointGate(name, address, this, transport, time, measured, _log));
    }

    void IBusObserver.PostCreate(IBus bus)
    {
        _bus = bus as IBusControl;
        var late = Endpoints().Keys.Except(_declared.Append(bus.Address.ToString())).ToList();
        if (late.Count > 0)
            throw new RefusedBusException(
                $"UseMessagingBreaker(context) must be called before the endpoints are declared. These were declared earlier: {string.Join(", ", late)}.");
    }

    /// <summary>Nothing may start an endpoint again once its bus is about to stop it.</summary>
    Task IBusObserver.PreStop(IBus bus)
    {
        var gates = endpoints.Of(this);
        gates.ForEach(gate => gate.IsBusStopped = true);
        return Task.WhenAll(gates.Select(gate => gate.CloseAsync()));
    }

    void IBusObserver.CreateFaulted(Exception exception)
    {
        _hasFailed = true;
        RefusedBusException.Surface(exception);
    }

    Task IBusObserver.PreStart(IBus bus)
    {
        endpoints.Of(this).ForEach(gate => gate.IsBusStopped = false);
        return Task.CompletedTask;
    }

    Task IBusObserver.PostStart(IBus bus, Task<BusReady> busReady)
    {
        endpoints.Of(this).ForEach(gate => gate.OwnerStarted());
        return Task.CompletedTask;
    }

    Task IBusObserver.StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    Task IBusObserver.PostStop(IBus bus) => Task.CompletedTask;

    Task IBusObserver.StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    IReadOnlyDictionary<string, EndpointHealthResult> Endpoints() => _bus?.CheckHealth().Endpoints ?? ImmutableDictionary<string, EndpointHealthResult>.Empty;
}
