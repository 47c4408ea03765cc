using System.Net;
using System.Net.Http.Headers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>What an HTTP response says about the server that gave it.</summary>
static class HttpOutcome
{
    // A server that asks for more has made a mistake, or means something else than an outage.
    static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>The server failed, or asks to be left alone; any other answer shows that it works.</summary>
    public static bool IsFailure(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    /// <summary>429 and 503 with Retry-After (RFC 9110, section 10.2.3; RFC 6585, section 4) trip at once, for at least that long.</summary>
    public static Finding Of(HttpResponseMessage response, DateTimeOffset now)
    {
        if (!IsFailure(response.StatusCode))
            return new Finding(Outcome.Success);
        var asked = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            ? RetryAfter(response.Headers.RetryAfter, now)
            : null;
        return new Finding(
            Outcome.Failure,
            asked is { } wait ? new TripDemand($"HTTP {(int)response.StatusCode} with Retry-After {wait.TotalSeconds:0.#} s", wait) : null);
    }

    static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        if ((header?.Delta ?? header?.Date - now) is not { } wait)
            return null;
        return TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestRetryAfter.Ticks));
    }
}
