using System.Net;
using System.Net.Http.Headers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>What an HTTP response says about the server that gave it.</summary>
static class HttpOutcome
{
    // A server that asks for more has made a mistake, or means something else than an outage.
    static readonly TimeSpan LongestBreak = TimeSpan.FromHours(1);

    /// <summary>
    /// The server failed, or asks to be left alone; refused credentials are a sign of neither, since they may have expired for everybody; any
    /// other answer shows that it works.
    /// </summary>
    public static Outcome Of(HttpStatusCode status) => status switch
    {
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => Outcome.Failure,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired => Outcome.Ignored,
        _ => Outcome.Success,
    };

    /// <summary>429 and 503 with Retry-After (RFC 9110, section 10.2.3; RFC 6585, section 4) trip at once, for at least that long.</summary>
    public static Finding Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var outcome = Of(response.StatusCode);
        if (outcome != Outcome.Failure)
            return new Finding(outcome);
        var asked = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            ? RetryAfter(response.Headers.RetryAfter, now)
            : null;
        return new Finding(
            outcome,
            asked is { } wait ? new TripDemand($"HTTP {(int)response.StatusCode} with Retry-After {wait.TotalSeconds:0.#} s", wait) : null,
            $"HTTP {(int)response.StatusCode}");
    }

    /// <summary>How long a server that asks to be left alone gets.</summary>
    public static TimeSpan Limit(TimeSpan asked) => TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestBreak.Ticks));

    static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now) =>
        (header?.Delta ?? header?.Date - now) is { } wait ? Limit(wait) : null;
}
