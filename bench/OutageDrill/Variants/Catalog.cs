using OutageDrill.Variants.Breaker;
using OutageDrill.Variants.BreakerFleet;
using OutageDrill.Variants.BreakerSameRule;
using OutageDrill.Variants.CircuitBreaker;
using OutageDrill.Variants.KillSwitch;
using OutageDrill.Variants.Nothing;
using OutageDrill.Variants.Retry;
using OutageDrill.Variants.WolverineBuffered;
using OutageDrill.Variants.WolverineRequeue;

namespace OutageDrill.Variants;

static class Catalog
{
    public static IReadOnlyList<IVariant> All { get; } =
    [
        new NothingVariant(),
        new RetryVariant(),
        new KillSwitchVariant(),
        new CircuitBreakerVariant(),
        new WolverineBufferedVariant(),
        new WolverineRequeueVariant(),
        new BreakerSameRuleVariant(),
        new BreakerVariant(),
        new BreakerFleetVariant(),
    ];

    /// <summary>The variants for the longer scenarios, which run side by side: those that pause, and ours.</summary>
    public static IReadOnlyList<IVariant> Pausing { get; } =
        [.. All.Where(variant => variant.Id is "kill-switch" or "wolverine" or "wolverine-requeue" or "breaker")];

    public static IVariant WithoutBreaker { get; } = All[0];

    public static IVariant Find(string id) => All.Single(variant => variant.Id == id);
}
