using System.Collections.Concurrent;
using System.Reflection;

namespace Messaging.Breaker.Classifying;

/// <summary>
/// Recognises a refusal by another circuit breaker or rate limiter in front of the dependency, such as Polly's, without depending on any of
/// them. Its RetryAfter is the minimum break.
/// </summary>
static class Refusals
{
    static readonly Dictionary<string, string> Breakers = new()
    {
        ["Polly.CircuitBreaker.BrokenCircuitException"] = "another circuit breaker in front of it is open",
        ["Polly.CircuitBreaker.IsolatedCircuitException"] = "another circuit breaker in front of it is held open",
    };

    // One call over the limit does not mean that no call would be let through.
    static readonly Dictionary<string, string> Limiters = new()
    {
        ["Polly.RateLimiting.RateLimiterRejectedException"] = "a rate limiter in front of it refuses calls",
        ["Polly.RateLimit.RateLimitRejectedException"] = "a rate limiter in front of it refuses calls",
        ["Polly.Bulkhead.BulkheadRejectedException"] = "a bulkhead in front of it is full",
    };

    static readonly ConcurrentDictionary<Type, Kind> Kinds = new();

    public static bool Is(Exception exception) => KindOf(exception).Why is not null;

    public static ImmediateTrip? DemandOf(Exception exception)
    {
        var (why, isLimiter, property) = KindOf(exception);
        if (why is null)
            return null;
        var retryAfter = property?.GetValue(exception) as TimeSpan?;
        return isLimiter && retryAfter is null ? null : new ImmediateTrip(why, retryAfter) { IsByAnother = true };
    }

    static Kind KindOf(Exception exception) => Kinds.GetOrAdd(exception.GetType(), static type =>
    {
        for (var known = type; known is not null && known != typeof(Exception); known = known.BaseType)
        {
            var isLimiter = Limiters.TryGetValue(known.FullName ?? "", out var why);
            if (isLimiter || Breakers.TryGetValue(known.FullName ?? "", out why))
                return new Kind(why, isLimiter, type.GetProperty("RetryAfter"));
        }

        return default;
    });

    readonly record struct Kind(string? Why, bool IsLimiter, PropertyInfo? RetryAfter);
}
