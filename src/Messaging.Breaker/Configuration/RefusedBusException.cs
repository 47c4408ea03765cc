using System.Runtime.ExceptionServices;
using MassTransit;

namespace Messaging.Breaker.Configuration;

/// <summary>A bus that is complete but must not start.</summary>
sealed class RefusedBusException(string message) : ConfigurationException(message)
{
    /// <summary>
    /// Rethrows the exception as it is. MassTransit would wrap it in one that says only that something happened, and a log shows that one first.
    /// </summary>
    public static void Surface(Exception exception)
    {
        if (exception is RefusedBusException)
            ExceptionDispatchInfo.Throw(exception);
    }
}
