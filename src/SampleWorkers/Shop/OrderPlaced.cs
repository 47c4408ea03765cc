namespace SampleWorkers.Shop;

/// <summary>A customer has placed an order: it has to be charged, and the customer gets a receipt.</summary>
/// <param name="Merchant">Whose account it goes to; null where there is only one.</param>
public sealed record OrderPlaced(Guid OrderId, decimal Amount, string? Merchant = null)
{
    public static OrderPlaced Next(long number, string? merchant = null) => new(Guid.NewGuid(), 10 + number % 90, merchant);
}
