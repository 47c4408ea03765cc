namespace Messaging.Breaker;

/// <summary>What a guarded receive endpoint does.</summary>
public enum EndpointState
{
    /// <summary>It is not started, or its owner (the bus) stopped it.</summary>
    Stopped,

    /// <summary>It consumes without limit of ours.</summary>
    Running,

    /// <summary>It consumes with as many messages at once as its breakers admit probes.</summary>
    Limited,

    /// <summary>It does not consume: a breaker is open, or an operator holds it.</summary>
    Paused,
}

/// <summary>A guarded receive endpoint at one moment.</summary>
/// <param name="Name">Its name, which is its queue's.</param>
/// <param name="Address">Its input address, without credentials.</param>
/// <param name="State">What it does.</param>
/// <param name="Limit">The most messages at once while <see cref="EndpointState.Limited"/>; otherwise null.</param>
/// <param name="Breakers">The names of the breakers that guard it.</param>
/// <param name="Hold">The operator's hold, if there is one: the fleet's, or that of this instance only.</param>
/// <param name="Handled">Messages that have left its queue by being handled, well or not, since it was configured. Only of this process.</param>
public sealed record EndpointSnapshot(
    string Name,
    Uri Address,
    EndpointState State,
    int? Limit,
    IReadOnlyList<string> Breakers,
    EndpointHold? Hold,
    long Handled)
{
    /// <summary>
    /// The groups among <see cref="Breakers"/> of which one that is closed is enough, as <see cref="MessagingBreakerExtensions.UseAnyBreaker"/> declares them, each
    /// in that order; empty if there are none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Alternatives { get; init; } = [];
}
