using Messaging.Breaker.Dashboard.State;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>An operator's action on a breaker, one of its keys, or an endpoint.</summary>
/// <param name="Kind">Which of these.</param>
/// <param name="Name">The last segment of its address.</param>
/// <param name="NeedsReason">Whether the request must have a reason.</param>
/// <param name="Duration">The member of the request that gives the duration; null if the action has none.</param>
/// <param name="Run">Executes it on the subject of that name.</param>
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

    /// <summary>All actions on a breaker also apply to one of its keys, except the modes.</summary>
    public static IEnumerable<SteeringAction> OfKeys { get; } = All.Where(action => action.Steer is not null).Select(action => action with { Kind = SubjectKind.Key }).ToList();

    /// <summary>Executes it on a breaker; null if it is only for endpoints, or only for whole breakers.</summary>
    public Action<IBreaker, Order>? Steer { get; private init; }

    static SteeringAction OfMode(string name, Action<IBreaker, Order> choose) => OfBreaker(name, null, choose) with { Steer = null };

    static SteeringAction OfBreaker(string name, string? duration, Action<IBreaker, Order> steer) =>
        new(SubjectKind.Breaker, name, true, duration, (steering, breaker, order) => steer(steering.Find(breaker), order)) { Steer = steer };
}

/// <summary>A checked order.</summary>
sealed record Order(string Reason, TimeSpan? Duration)
{
    /// <summary>Of an endpoint.</summary>
    public bool ThisInstanceOnly { get; init; }
}
