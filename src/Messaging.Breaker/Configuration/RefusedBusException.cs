using System.Runtime.ExceptionServices;
using MassTransit;

namespace Messaging.Breaker.Configuration;

/// <summary>A bus that is complete, and is not to be started.</summary>
sealed class RefusedBusException(string message) : ConfigurationException(message)
{
    /// <summary>MassTransit would wrap it in an exception that says only that something has happened, which is what a log shows first.</summary>
    public static void Surface(Exception exception)
    {
        if (exception is RefusedBusException)
            ExceptionDispatchInfo.Throw(exception);
    }
}
