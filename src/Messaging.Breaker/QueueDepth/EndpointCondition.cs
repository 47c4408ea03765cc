namespace Messaging.Breaker.QueueDepth;

/// <summary>What is known of the endpoint behind a queue at a sample; nothing for a queue that was only named.</summary>
/// <param name="State">Its state.</param>
/// <param name="Handled">How many messages it has handled since it was configured.</param>
/// <param name="Breakers">The breakers that guard it.</param>
/// <param name="Cause">The breaker that keeps messages from being handled.</param>
/// <param name="Hold">Why an operator holds it.</param>
sealed record EndpointCondition(
    EndpointState? State, long? Handled, IReadOnlyList<string> Breakers, DependencyState? Cause, string? Hold)
{
    public static EndpointCondition None { get; } = new(null, null, [], null, null);

    /// <summary>The keys of its breaker that is split; null if none is.</summary>
    public KeyCondition? Keys { get; init; }

    public bool IsPaused => State is EndpointState.Paused or EndpointState.Limited || Cause is not null;

    public QueueActivity ActivityWith(long consumers) => State switch
    {
        null => consumers > 0 ? QueueActivity.Running : QueueActivity.Paused,
        EndpointState.Running when consumers > 0 && Cause is null => QueueActivity.Running,
        EndpointState.Paused or EndpointState.Stopped when consumers == 0 => QueueActivity.Paused,
        _ => QueueActivity.Unsettled,
    };
}

/// <summary>A breaker that is not closed.</summary>
readonly record struct DependencyState(string Breaker, BreakerState State, string Reason);
