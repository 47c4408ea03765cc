using Messaging.Breaker.Dashboard.State;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>One thing that an operator can do to a breaker or an endpoint.</summary>
/// <param name="Kind">Which of the two.</param>
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
    ];

    static SteeringAction OfBreaker(string name, string? duration, Action<IBreaker, Order> run) =>
        new(SubjectKind.Breaker, name, true, duration, (steering, breaker, order) => run(steering.Find(breaker), order));
}

/// <summary>What is asked for, checked.</summary>
sealed record Order(string Reason, TimeSpan? Duration)
{
    /// <summary>Of an endpoint.</summary>
    public bool ThisInstanceOnly { get; init; }
}
