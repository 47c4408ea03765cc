using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker;

/// <summary>
/// What breakers mean for the health of the process. Breakers in <see cref="BreakerMode.Shadow"/> or <see cref="BreakerMode.Disabled"/>
/// stop nothing and never count. Set in code; not thread-safe while being set.
/// </summary>
public sealed class BreakerHealthOptions
{
    /// <summary>
    /// The status while a breaker is open or half-open, because until it has closed the dependency is not known to work. Default
    /// <see cref="HealthStatus.Degraded"/>: the process is healthy, and it does not help to restart it or to take it out of service.
    /// </summary>
    public HealthStatus Open { get; set; } = HealthStatus.Degraded;

    /// <summary>
    /// The status while an operator isolates a breaker. Default <see cref="HealthStatus.Degraded"/>. Use <see cref="HealthStatus.Healthy"/>
    /// if an isolation is planned work that should alarm nobody.
    /// </summary>
    public HealthStatus Isolated { get; set; } = HealthStatus.Degraded;

    /// <summary>
    /// The status while keys of a split breaker are open or half-open, and the breaker of the whole is closed. Default
    /// <see cref="HealthStatus.Degraded"/>: the other keys are served. A key that an operator isolates counts as <see cref="Isolated"/>,
    /// but never as worse than this.
    /// </summary>
    public HealthStatus Keys { get; set; } = HealthStatus.Degraded;
}
