using Messaging.Breaker.Dashboard.State;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>One thing that an operator can do to a breaker, to one of its keys, or to an endpoint.</summary>
/// <param name="Kind">Which of these.</param>
/// <param name="Name">The last segment of its address.</param>
/// <param name="NeedsReason">Whether the request must say why.</param>
/// <param name="Duration">The member of the request that says how long; null if there is none to say.</param>
/// <param name="Run">Does it, to the one of that name.</param>
sealed record SteeringAction(SubjectKind Kind, string Name, bool NeedsReason, string? Duration, Action<Steering, string, Order> Run)
{
    const string Expiry = "expirySeconds";
    const string MinimumBreak = "minimumBreakSeconds";

    public static IReadOnlyList<SteeringAction> All { get; } =
    [
        OfBreaker("trip", MinimumBreak, (breaker, order) => breaker.Trip(order.Reason, order.Duration)),
        OfBreaker("isolate", Expiry, (breaker, order) => breaker.Isolate(order.Reason, order.Duration)),
        OfBreaker("release", null, (breaker, order) => breaker.Release(order.Reason)),
        OfBreaker("reset", null, (breaker, order) => breaker.Reset(order.Reason)),
        OfMode("enforce", (breaker, order) => breaker.Enforce(order.Reason)),
        OfMode("shadow", (breaker, order) => breaker.Shadow(order.Reason)),
        OfMode("disable", (breaker, order) => breaker.Disable(order.Reason)),
    ];

    /// <summary>What can be done to a breaker can be done to one of its keys, but for its mode.</summary>
    public static IEnumerable<SteeringAction> OfKeys { get; } = All.Where(action => action.Steer is not null).Select(action => action with { Kind = SubjectKind.Key }).ToList();

    /// <summary>Does it to a breaker; null if it is for endpoints, or for whole breakers only.</summary>
    public Action<IBreaker, Order>? Steer { get; private init; }

    static SteeringAction OfMode(string name, Action<IBreaker, Order> choose) => OfBreaker(name, null, choose) with { Steer = null };

    static SteeringAction OfBreaker(string name, string? duration, Action<IBreaker, Order> steer) =>
        new(SubjectKind.Breaker, name, true, duration, (steering, breaker, order) => steer(steering.Find(breaker), order)) { Steer = steer };
}

/// <summary>What is asked for, checked.</summary>
sealed record Order(string Reason, TimeSpan? Duration)
{
    /// <summary>Of an endpoint.</summary>
    public bool ThisInstanceOnly { get; init; }
}
