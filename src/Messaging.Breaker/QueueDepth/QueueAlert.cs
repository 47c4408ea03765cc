namespace Messaging.Breaker;

/// <summary>How urgent an alert is.</summary>
public enum AlertSeverity
{
    /// <summary>For the next working day.</summary>
    Warning,

    /// <summary>Somebody has to act now.</summary>
    Critical,
}

/// <summary>An alert about a queue, or about the dependency behind several.</summary>
/// <param name="Rule">The rule's name, which is stable.</param>
/// <param name="Severity">How urgent it is.</param>
/// <param name="Queues">The queues concerned; several where one dependency is the cause.</param>
/// <param name="Breaker">The breaker whose state explains it; null if none does.</param>
/// <param name="BreakerState">That breaker's state.</param>
/// <param name="Message">What is the matter, with its figures, for whoever is on call.</param>
/// <param name="Since">When it was raised (UTC).</param>
public sealed record QueueAlert(
    string Rule,
    AlertSeverity Severity,
    IReadOnlyList<string> Queues,
    string? Breaker,
    BreakerState? BreakerState,
    string Message,
    DateTimeOffset Since)
{
    /// <summary>Of an alert about the keys of a breaker, the worst five of those that are down; empty for others.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>How many more are down.</summary>
    public int MoreKeys { get; init; }
}
