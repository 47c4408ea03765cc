namespace Messaging.Breaker;

/// <summary>
/// When the alert <c>dependency</c> rises to critical: when the breaker has not been closed for a certain time, or has reopened a certain
/// number of times, whichever comes first. It rises once for an alert. It does not rise while an operator isolates the breaker, because
/// an operator knows already.
/// </summary>
public sealed class DependencyEscalation
{
    /// <summary>Whether the alert rises. Default true.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>
    /// How often the breaker must have reopened since it was last closed. From 1 to 1,000,000, or null for no limit; default 100, which
    /// with the default breaks takes about as long as <see cref="After"/>.
    /// </summary>
    public int? Reopens { get; set; } = 100;

    /// <summary>How long the breaker must not have been closed. From 1 s to 30 days, or null for no limit; default 30 minutes.</summary>
    public TimeSpan? After { get; set; } = TimeSpan.FromMinutes(30);

    internal bool IsDue(AlertOutage outage, BreakerState? state, DateTimeOffset now) =>
        IsEnabled && state is BreakerState.Open or BreakerState.HalfOpen && (outage.Reopens >= Reopens || now - outage.Began >= After);
}
