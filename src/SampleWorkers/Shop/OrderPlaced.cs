namespace SampleWorkers.Shop;

/// <summary>A customer has placed an order: it is to be charged, and the customer is to get a receipt.</summary>
public sealed record OrderPlaced(Guid OrderId, decimal Amount)
{
    public static OrderPlaced Next(long number) => new(Guid.NewGuid(), 10 + number % 90);
}
