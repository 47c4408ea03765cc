using System.Diagnostics.Metrics;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Telemetry;

/// <summary>All that a process measures of its breakers, from the moment that this is made.</summary>
sealed class BreakerTelemetry : IHostedLifecycleService, IDisposable
{
    readonly BreakerMeter _meter;
    readonly TimeProvider _time;
    readonly ConsumeSpans _spans = new();

    public BreakerTelemetry(IMeterFactory meters, BreakerRegistry breakers, EndpointRegistry endpoints, TimeProvider time)
    {
        _meter = new BreakerMeter(meters);
        _time = time;
        new BreakerGauges(breakers, endpoints, time).AddTo(_meter.Meter);
        breakers.Listen(new TransitionTelemetry(_meter).Add);
    }

    public BreakerMeter Meter => _meter;

    public EndpointTelemetry Of(string endpoint) => new(endpoint, _meter, _spans, _time);

    public void Dispose() => _spans.Dispose();

    /// <summary>Before anything else is started, an exporter above all.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _spans.Listen();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _spans.StopUnlessOthersListen();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
