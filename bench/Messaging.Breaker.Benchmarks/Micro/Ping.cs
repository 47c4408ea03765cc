namespace Messaging.Breaker.Benchmarks.Micro;

public sealed record Ping(int Number);
