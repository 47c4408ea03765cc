namespace Messaging.Breaker;

/// <summary>A queue of dead letters cannot be worked on. The message says which, why, and what to do; it holds no credentials.</summary>
public sealed class DeadLetterException : Exception
{
    /// <summary>Says what the matter is.</summary>
    public DeadLetterException(string message) : base(message)
    {
    }

    /// <summary>Says what the matter is, and what caused it.</summary>
    public DeadLetterException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
