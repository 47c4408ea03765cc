namespace Messaging.Breaker;

/// <summary>
/// A queue of dead letters cannot be worked on. The message says which queue, why, and what to do. It contains no credentials.
/// </summary>
public sealed class DeadLetterException : Exception
{
    /// <summary>Creates the exception with the problem.</summary>
    public DeadLetterException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with the problem and its cause.</summary>
    public DeadLetterException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
