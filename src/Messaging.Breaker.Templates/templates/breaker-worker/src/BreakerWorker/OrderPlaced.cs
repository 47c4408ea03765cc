namespace BreakerWorker;

public sealed record OrderPlaced(Guid OrderId, decimal Amount);
