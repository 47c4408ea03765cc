using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Transports;

/// <summary>What there is for one endpoint, whatever its transport.</summary>
sealed record EndpointServices(BusBreakerOptions Options, EndpointTelemetry Telemetry, TimeProvider Time, ILogger Log)
{
    /// <summary>What the configuration says of why it is to start held; empty if it is not to, null if nothing is said.</summary>
    public string? ReasonToStartPaused { get; init; }
}
