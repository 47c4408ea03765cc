namespace Messaging.Breaker;

/// <summary>How urgent an alert is.</summary>
public enum AlertSeverity
{
    /// <summary>For the next working day.</summary>
    Warning,

    /// <summary>Somebody has to act now.</summary>
    Critical,
}

/// <summary>An alert about a queue, or about the dependency behind several queues.</summary>
public sealed record QueueAlert
{
    /// <summary>The rule's name, which is stable.</summary>
    public required string Rule { get; init; }

    /// <summary>How urgent it is.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>The queues it is about; several if one dependency is the cause.</summary>
    public required IReadOnlyList<string> Queues { get; init; }

    /// <summary>The breaker whose state explains it; null if none does.</summary>
    public string? Breaker { get; init; }

    /// <summary>The state of that breaker.</summary>
    public BreakerState? BreakerState { get; init; }

    /// <summary>The problem with its figures, for the operator on call.</summary>
    public required string Message { get; init; }

    /// <summary>When it was raised (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>For an alert about the keys of a breaker, the worst five that are down; empty for other alerts.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>How many more keys are down.</summary>
    public int MoreKeys { get; init; }

    /// <summary>The outage behind the alert; null if there is none, for example for an alert about keys or dead letters.</summary>
    public AlertOutage? Outage { get; init; }

    /// <summary>It has become worse since it was told last, whatever its severity was.</summary>
    internal bool IsEscalatedSince(QueueAlert? told) => Outage is { IsEscalated: true } && told?.Outage is not { IsEscalated: true };
}
