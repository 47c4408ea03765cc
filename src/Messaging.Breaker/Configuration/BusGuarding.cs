using System.Collections.Immutable;
using MassTransit;
using MassTransit.Configuration;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Configuration;

/// <summary>Guards the endpoints of one bus as they are declared, and lets go of them when the bus stops.</summary>
sealed class BusGuarding(
    IServiceProvider container, BreakerRegistry breakers, EndpointRegistry endpoints, BusBreakerOptions options, BreakerTelemetry telemetry, TimeProvider time, ILoggerFactory loggers)
    : IEndpointConfigurationObserver, IBusObserver, IEndpointOwner
{
    readonly List<EndpointGate> _gates = [];
    readonly ILogger _log = loggers.CreateLogger(Log.Category);
    IBusControl? _bus;

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

    IReceiveEndpoint? IEndpointOwner.Find(Uri address) => Endpoints().GetValueOrDefault(address.ToString()).ReceiveEndpoint;

    void IEndpointConfigurationObserver.EndpointConfigured<T>(T configurator)
    {
        if (configurator is IEndpointConfiguration { IsBusEndpoint: true })
            return;
        var measured = telemetry.Of(NameOf(configurator.InputAddress));
        var guarding = new EndpointGuarding(
            configurator,
            breakers,
            endpoints,
            time,
            measured,
            queue => new Renewal(queue, options.AssumedDeliveryLimit, measured, _log),
            (address, transport) => CreateGate(address, transport, measured));
        lock (_gates)
            _gates.Add(guarding.Gate);
    }

    void IBusObserver.PostCreate(IBus bus)
    {
        _bus = bus as IBusControl;
        var late = Endpoints().Keys.Except(Gates().Select(gate => gate.Address.ToString()).Append(bus.Address.ToString())).ToList();
        if (late.Count > 0)
            throw new ConfigurationException(
                $"UseMessagingBreaker(context) must be called before the endpoints are declared. Declared before it: {string.Join(", ", late)}.");
    }

    /// <summary>Nothing may start an endpoint again once its bus is about to stop it.</summary>
    Task IBusObserver.PreStop(IBus bus)
    {
        var gates = Gates();
        gates.ForEach(gate => gate.IsBusStopped = true);
        return Task.WhenAll(gates.Select(gate => gate.CloseAsync()));
    }

    void IBusObserver.CreateFaulted(Exception exception)
    {
        // Nothing was started.
    }

    Task IBusObserver.PreStart(IBus bus)
    {
        Gates().ForEach(gate => gate.IsBusStopped = false);
        return Task.CompletedTask;
    }

    Task IBusObserver.PostStart(IBus bus, Task<BusReady> busReady) => Task.CompletedTask;

    Task IBusObserver.StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    Task IBusObserver.PostStop(IBus bus) => Task.CompletedTask;

    Task IBusObserver.StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    static string NameOf(Uri address) => address.AbsolutePath.Split('/')[^1];

    EndpointGate CreateGate(Uri address, IEndpointTransport transport, EndpointTelemetry measured) =>
        new(NameOf(address), address, this, transport, time, measured, _log);

    IReadOnlyDictionary<string, EndpointHealthResult> Endpoints() => _bus?.CheckHealth().Endpoints ?? ImmutableDictionary<string, EndpointHealthResult>.Empty;

    List<EndpointGate> Gates()
    {
        lock (_gates)
            return [.. _gates];
    }
}
