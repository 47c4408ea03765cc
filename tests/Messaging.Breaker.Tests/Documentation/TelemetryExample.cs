using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace OrderService.Telemetry;

static class TelemetryExample
{
    public static void Add(HostApplicationBuilder builder)
    {
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(BreakerInstrumentation.MeterName))
            .WithTracing(traces => traces.AddSource(BreakerInstrumentation.ActivitySourceName, "MassTransit"));

        builder.Services.AddHealthChecks().AddMessagingBreaker();
    }

    public static void AddHealth(HostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddMessagingBreaker(
            health =>
            {
                health.Open = HealthStatus.Degraded;
                health.Isolated = HealthStatus.Healthy;
                health.Keys = HealthStatus.Degraded;
            },
            tags: ["dashboard"]);
    }
}
