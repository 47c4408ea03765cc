using System.Collections.Concurrent;
using System.Reflection;

namespace Messaging.Breaker.Attribution;

/// <summary>Recognises Polly's exception for an open circuit without a dependency on Polly, and takes its RetryAfter as the least break.</summary>
static class OtherBreakers
{
    const string BrokenCircuit = "Polly.CircuitBreaker.BrokenCircuitException";

    static readonly ConcurrentDictionary<Type, PropertyInfo?> RetryAfter = new();

    public static TripDemand? DemandOf(Exception exception)
    {
        if (!IsBrokenCircuit(exception.GetType()))
            return null;
        var property = RetryAfter.GetOrAdd(exception.GetType(), static type => type.GetProperty("RetryAfter"));
        return new TripDemand("another circuit breaker in front of it is open", property?.GetValue(exception) as TimeSpan?);
    }

    static bool IsBrokenCircuit(Type? type)
    {
        for (; type is not null && type != typeof(Exception); type = type.BaseType)
            if (type.FullName == BrokenCircuit)
                return true;
        return false;
    }
}
