namespace SampleWorkers.Payments;

sealed record Charge(Guid OrderId, decimal Amount);
