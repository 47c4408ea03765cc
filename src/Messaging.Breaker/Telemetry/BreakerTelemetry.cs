using System.Diagnostics.Metrics;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// All that a process measures of its breakers, from the moment that this is made. A hosted service only so as to be made when the host is,
/// before an exporter starts.
/// </summary>
sealed class BreakerTelemetry : IHostedService, IDisposable
{
    readonly BreakerMeter _meter;
    readonly TimeProvider _time;
    readonly ConsumeSpans _consumeSpans = new();

    public BreakerTelemetry(IMeterFactory meters, BreakerRegistry breakers, EndpointRegistry endpoints, TimeProvider time)
    {
        _meter = new BreakerMeter(meters);
        _time = time;
        new BreakerGauges(breakers, endpoints, time).AddTo(_meter.Meter);
        breakers.Listen(new TransitionTelemetry(_meter).Add);
    }

    public EndpointTelemetry Of(string endpoint) => new(endpoint, _meter, _time);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _consumeSpans.Dispose();
}
