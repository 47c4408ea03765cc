namespace SampleWorkers.Mail;

sealed record Receipt(Guid OrderId, decimal Amount);
