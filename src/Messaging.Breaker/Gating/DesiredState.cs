namespace Messaging.Breaker.Gating;

/// <summary>What an endpoint should do, by the will of all who have a say.</summary>
sealed record DesiredState(EndpointState State, int? Limit, string Reason)
{
    public static DesiredState Running { get; } = new(EndpointState.Running, null, "nobody holds it");

    public bool IsPaused => State == EndpointState.Paused;

    /// <summary>Whether the endpoint does the same in both, for whatever reason.</summary>
    public bool Matches(DesiredState other) => State == other.State && Limit == other.Limit;
}
