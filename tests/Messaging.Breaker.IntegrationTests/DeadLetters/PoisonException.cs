namespace Messaging.Breaker.IntegrationTests.DeadLetters;

/// <summary>Means that the message itself is at fault. No breaker counts it.</summary>
public sealed class PoisonException(string message) : Exception(message);
