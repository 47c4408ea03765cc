using Messaging.Breaker.ChaosTests.Shop;

namespace Messaging.Breaker.ChaosTests.Results;

/// <summary>Where a schedule's confirmed messages are at its end, by message id.</summary>
sealed record Balance(
    IReadOnlyList<Guid> Lost,
    IReadOnlyList<Guid> WronglyDeadLettered,
    IReadOnlyList<Guid> Skipped,
    IReadOnlyList<Guid> LeftInQueue,
    int PoisonDeadLettered)
{
    public static Balance Of(Ledger ledger, IReadOnlyList<Guid> errors, IReadOnlyList<Guid> skipped, IReadOnlyList<Guid> left) => new(
        [.. ledger.NotHandled.Except(errors).Except(skipped).Except(left)],
        [.. errors.Distinct().Except(ledger.Poison)],
        [.. skipped.Distinct()],
        [.. left.Distinct()],
        errors.Intersect(ledger.Poison).Count());

    public IEnumerable<string> Problems =>
    [
        .. Problem("lost", Lost),
        .. Problem("wrongly dead-lettered", WronglyDeadLettered),
        .. Problem("skipped", Skipped),
        .. Problem("left in the queue", LeftInQueue),
    ];

    static IEnumerable<string> Problem(string what, IReadOnlyList<Guid> orders) =>
        orders.Count > 0 ? [$"{orders.Count} {what}: {string.Join(", ", orders)}"] : [];
}
