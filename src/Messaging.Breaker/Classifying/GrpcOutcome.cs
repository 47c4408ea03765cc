using System.Globalization;
using System.Net.Http.Headers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Classifying;

/// <summary>
/// What a gRPC answer says about its server: the status in its trailers, or in its headers if it has only headers. gRPC-Web, which sends its
/// trailers in the body, counts as plain HTTP.
/// </summary>
static class GrpcOutcome
{
    const string MediaType = "application/grpc";
    const string StatusHeader = "grpc-status";
    const string PushbackHeader = "grpc-retry-pushback-ms";
    const string TimeoutHeader = "grpc-timeout";
    const int Unknown = 2;
    const int LastStatus = 16;

    public static bool IsGrpc(HttpContent content) => IsGrpc(Find(content.Headers, "Content-Type"));

    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == MediaType.Length || contentType[MediaType.Length] is '+' or ';' or ' ');

    public static bool IsTrailersOnly(HttpResponseMessage response) => response.Headers.NonValidated.Contains(StatusHeader);

    /// <summary>A failure with grpc-retry-pushback-ms (gRFC A6) trips at once, for at least that long.</summary>
    public static Classification Of(HttpResponseMessage response)
    {
        var status = StatusOf(response);
        if (status is 7 or 16)
            return new Classification(Outcome.Ignored);
        if (NameOfFailure(status) is not { } name)
            return new Classification(Outcome.Success);
        var demand = PushbackOf(response) is { } wait
            ? new ImmediateTrip($"gRPC {name} with {PushbackHeader} {wait.TotalMilliseconds:0}", wait)
            : null;
        return new Classification(Outcome.Failure, demand, $"gRPC {name}");
    }

    /// <summary>How long the caller is willing to wait; null if it did not say.</summary>
    public static TimeSpan? TimeoutOf(HttpRequestMessage request)
    {
        if (Find(request.Headers, TimeoutHeader) is not [.. var digits, var unit] || !TryParse(digits, out var count))
            return null;
        return unit switch
        {
            'H' => TimeSpan.FromHours(count),
            'M' => TimeSpan.FromMinutes(count),
            'S' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMilliseconds(count),
            'u' => TimeSpan.FromMicroseconds(count),
            'n' => TimeSpan.FromMicroseconds(count / 1_000),
            _ => null,
        };
    }

    static int StatusOf(HttpResponseMessage response) =>
        TryParse(FindLast(response, StatusHeader), out var status) && status <= LastStatus ? status : Unknown;

    /// <summary>A negative value, or one that is not a number, means: do not retry. Zero means: retry at once.</summary>
    static TimeSpan? PushbackOf(HttpResponseMessage response) =>
        TryParse(FindLast(response, PushbackHeader), out var wait) && wait > 0 ? HttpOutcome.Limit(TimeSpan.FromMilliseconds(wait)) : null;

    static string? NameOfFailure(int status) => status switch
    {
        Unknown => "UNKNOWN",
        4 => "DEADLINE_EXCEEDED",
        8 => "RESOURCE_EXHAUSTED",
        13 => "INTERNAL",
        14 => "UNAVAILABLE",
        15 => "DATA_LOSS",
        _ => null,
    };

    static bool TryParse(string? text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    static string? FindLast(HttpResponseMessage response, string name) =>
        Find(response.TrailingHeaders, name) ?? Find(response.Headers, name);

    static string? Find(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
