using System.Net;
using System.Net.Http.Headers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Classifying;

/// <summary>What an HTTP response says about its server.</summary>
static class HttpOutcome
{
    // A longer time is the server's mistake, or means something other than an outage.
    static readonly TimeSpan LongestBreak = TimeSpan.FromHours(1);

    /// <summary>
    /// A failure if the server failed or asks callers to wait. Refused credentials are neither success nor failure, because they may have
    /// expired for all callers. Any other answer shows that the server works.
    /// </summary>
    public static Outcome Of(HttpStatusCode status) => status switch
    {
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => Outcome.Failure,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired => Outcome.Ignored,
        _ => Outcome.Success,
    };

    /// <summary>429 and 503 with Retry-After (RFC 9110, section 10.2.3; RFC 6585, section 4) trip at once, for at least that long.</summary>
    public static Classification Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var outcome = Of(response.StatusCode);
        if (outcome != Outcome.Failure)
            return new Classification(outcome);
        var asked = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            ? RetryAfter(response.Headers.RetryAfter, now)
            : null;
        return new Classification(
            outcome,
            asked is { } wait ? new ImmediateTrip($"HTTP {(int)response.StatusCode} with Retry-After {wait.TotalSeconds:0.#} s", wait) : null,
            $"HTTP {(int)response.StatusCode}");
    }

    /// <summary>How long a server that asks callers to wait is left alone.</summary>
    public static TimeSpan Limit(TimeSpan asked) => TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestBreak.Ticks));

    static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now) =>
        (header?.Delta ?? header?.Date - now) is { } wait ? Limit(wait) : null;
}
