using Messaging.Breaker.Gating;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Transports;

/// <summary>What every endpoint gets, whatever its transport.</summary>
sealed record EndpointServices(BusBreakerOptions Options, EndpointTelemetry Telemetry, TimeProvider Time, ILogger Log)
{
    /// <summary>The configured reason for starting held; empty if it does not, null if that is not configured.</summary>
    public string? ReasonToStartPaused { get; init; }
}
