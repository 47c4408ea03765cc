namespace Messaging.Breaker.Gating;

/// <summary>What an endpoint should do, according to its breakers and operators together.</summary>
sealed record DesiredState(EndpointState State, int? Limit, string Reason)
{
    public static DesiredState Running { get; } = new(EndpointState.Running, null, "nothing holds it");

    public bool IsPaused => State == EndpointState.Paused;

    /// <summary>Whether the endpoint does the same in both, whatever the reasons.</summary>
    public bool Matches(DesiredState other) => State == other.State && Limit == other.Limit;
}
