using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker;

/// <summary>
/// What breakers mean for the health of the process. Breakers in <see cref="BreakerMode.Shadow"/> or <see cref="BreakerMode.Disabled"/> keep
/// nothing from running and never count. Set in code; not thread-safe while being set.
/// </summary>
public sealed class BreakerHealthOptions
{
    /// <summary>
    /// The status while a breaker is open, or half-open: until it has closed the dependency is not known to work. Default
    /// <see cref="HealthStatus.Degraded"/>: the process is well, and restarting it or taking it out of service helps nobody.
    /// </summary>
    public HealthStatus Open { get; set; } = HealthStatus.Degraded;

    /// <summary>
    /// The status while an operator isolates a breaker. Default <see cref="HealthStatus.Degraded"/>; <see cref="HealthStatus.Healthy"/> where
    /// an isolation is planned work that should alarm nobody.
    /// </summary>
    public HealthStatus Isolated { get; set; } = HealthStatus.Degraded;

    /// <summary>
    /// The status while keys of a partitioned breaker are open or half-open, and the breaker of the whole is closed. Default
    /// <see cref="HealthStatus.Degraded"/>: the other keys are served. A key that an operator isolates counts as <see cref="Isolated"/> says, but for no worse
    /// than this.
    /// </summary>
    public HealthStatus Keys { get; set; } = HealthStatus.Degraded;
}
