using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Shop;

/// <param name="IsPoison">Whether the payments service always refuses it, even when healthy.</param>
sealed record Order(OrderPlaced Message, bool IsPoison)
{
    public Guid Id => Message.OrderId;
}
