using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Telemetry;

/// <summary>Everything that a process measures of its breakers, from the creation of this object on.</summary>
sealed class BreakerTelemetry : IHostedLifecycleService, IDisposable
{
    readonly BreakerMeter _meter;
    readonly TimeProvider _time;
    readonly ConsumeSpans _spans = new();

    public BreakerTelemetry(BreakerMeter meter, BreakerRegistry breakers, EndpointRegistry endpoints, TimeProvider time)
    {
        _meter = meter;
        _time = time;
        new BreakerGauges(breakers, endpoints, time).AddTo(_meter.Meter);
        breakers.Listen(new TransitionTelemetry(_meter).Add);
    }

    public EndpointTelemetry Of(string endpoint) => new(endpoint, _meter, _spans, _time);

    public void Dispose() => _spans.Dispose();

    /// <summary>Before anything else starts, especially an exporter.</summary>
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
