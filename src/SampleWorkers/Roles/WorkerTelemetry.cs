using MassTransit.Monitoring;
using Messaging.Breaker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace SampleWorkers.Roles;

/// <summary>What a worker shows of itself: /metrics for Prometheus, and /health.</summary>
static class WorkerTelemetry
{
    public static void AddTelemetry(this IServiceCollection services)
    {
        services.AddHealthChecks().AddMessagingBreaker();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(BreakerInstrumentation.MeterName, InstrumentationOptions.MeterName)
            .AddPrometheusExporter());
    }

    public static void MapTelemetry(this WebApplication worker)
    {
        worker.MapHealthChecks("/health");
        worker.MapPrometheusScrapingEndpoint("/metrics");
    }
}
