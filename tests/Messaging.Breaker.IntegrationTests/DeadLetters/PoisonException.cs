namespace Messaging.Breaker.IntegrationTests.DeadLetters;

/// <summary>A message at fault by itself; no breaker counts it.</summary>
public sealed class PoisonException(string message) : Exception(message);
