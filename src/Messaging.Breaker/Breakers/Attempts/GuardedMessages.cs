using System.Collections.Immutable;
using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>The messages in flight on all endpoints that one breaker guards. Thread-safe.</summary>
sealed class GuardedMessages
{
    ImmutableArray<InFlightMessages> _endpoints = [];

    public void Add(InFlightMessages endpoint) =>
        ImmutableInterlocked.Update(ref _endpoints, all => all.Contains(endpoint) ? all : all.Add(endpoint));

    public void Remove(InFlightMessages endpoint) => ImmutableInterlocked.Update(ref _endpoints, all => all.Remove(endpoint));

    /// <summary>Whether the consumer of another message is running. With a key, only messages of that key count.</summary>
    public bool AreOthersRunning(InFlightMessage message, BreakerKey? key) => _endpoints.Any(
        endpoint => key is null ? endpoint.AreOthersRunning(message) : endpoint.AreOthersRunning(message, key));

    /// <summary>Counts the messages that have already taken too long.</summary>
    public void CountOverdue(CircuitBreaker breaker)
    {
        var now = breaker.Now;
        foreach (var endpoint in _endpoints)
            foreach (var message in endpoint.All)
                message.CountIfOverdue(breaker, now);
    }
}
