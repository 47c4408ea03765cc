using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Shop;

/// <param name="IsPoison">The payments service refuses it for ever, however well it is.</param>
sealed record Order(OrderPlaced Message, bool IsPoison)
{
    public Guid Id => Message.OrderId;
}
