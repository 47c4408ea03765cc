using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Gating;

/// <summary>An operator's checked order about an endpoint.</summary>
static class HoldOrders
{
    const int LongestName = 100;
    static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <exception cref="ArgumentOutOfRangeException">The expiry is out of range.</exception>
    /// <exception cref="ArgumentException">The reason is null or blank.</exception>
    public static EndpointHold Check(string endpoint, string reason, TimeSpan? expiry, string? by, TimeProvider time)
    {
        if (expiry <= TimeSpan.Zero || expiry > Longest)
            throw new ArgumentOutOfRangeException(
                nameof(expiry), expiry, $"The expiry of a hold on endpoint '{endpoint}' must be positive and at most {Longest.Days} days; leave it out for none.");
        var now = time.GetUtcNow();
        return new EndpointHold(OneLine.Reason(reason, $"endpoint '{endpoint}'"), now, now + expiry) { By = Tidy(by) };
    }

    public static string? Tidy(string? by) => string.IsNullOrWhiteSpace(by) ? null : OneLine.Of(by.Trim(), LongestName);
}
