namespace SampleWorkers.Payments;

sealed record Charge(Guid OrderId, decimal Amount, string? Merchant = null);
