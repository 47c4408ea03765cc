using System.Globalization;
using System.Text.Json;
using Messaging.Breaker.Dashboard.State;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>Reads and checks the body of a steering request; a problem names the member that is wrong.</summary>
static class OrderReader
{
    const int MostBytes = 4096;
    const int LongestReason = 200;
    static readonly TimeSpan ShortestDuration = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan LongestDuration = TimeSpan.FromDays(30);

    public static async Task<(Order? Order, ProblemHttpResult? Problem)> ReadAsync(SteeringAction action, HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return (null, TypedResults.Problem("The body must be JSON, with the header Content-Type: application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType));
        try
        {
            using var body = new MemoryStream();
            var buffer = new byte[MostBytes + 1];
            for (int read; (read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0;)
            {
                await body.WriteAsync(buffer.AsMemory(0, read), request.HttpContext.RequestAborted).ConfigureAwait(false);
                if (body.Length > MostBytes)
                    return Refuse("body", $"must be at most {MostBytes} bytes long");
            }

            var steering = JsonSerializer.Deserialize(body.ToArray(), DashboardJson.Default.SteeringRequest);
            return steering is null ? Refuse("body", "must be a JSON object") : Check(action, steering);
        }
        catch (JsonException exception)
        {
            return Refuse(exception.Path is ['$', '.', .. var member] ? member : "body", "is not known, or not of the right type");
        }
    }

    static (Order?, ProblemHttpResult?) Check(SteeringAction action, SteeringRequest request)
    {
        var reason = request.Reason?.Trim() ?? "";
        if (reason.Length == 0 && action.NeedsReason)
            return Refuse("reason", "is missing: say why, for whoever is on call next");
        if (reason.Length > LongestReason || reason.Any(char.IsControl))
            return Refuse("reason", $"must be one line of at most {LongestReason} characters");

        TimeSpan? duration = null;
        foreach (var (member, seconds) in new[] { ("minimumBreakSeconds", request.MinimumBreakSeconds), ("expirySeconds", request.ExpirySeconds) })
        {
            if (seconds is not { } value)
                continue;
            if (member != action.Duration)
                return Refuse(member, $"does not go with {action.Name}");
            if (!(value >= ShortestDuration.TotalSeconds && value <= LongestDuration.TotalSeconds))
                return Refuse(member, string.Create(CultureInfo.InvariantCulture, $"must be at least {ShortestDuration.TotalSeconds} and at most {LongestDuration.TotalSeconds:0}, which is {LongestDuration.Days} days"));
            duration = TimeSpan.FromSeconds(value);
        }

        return (new Order(reason, duration), null);
    }

    static (Order?, ProblemHttpResult?) Refuse(string member, string problem) => (null, TypedResults.Problem(new HttpValidationProblemDetails(
        new Dictionary<string, string[]> { [member] = [$"{member} {problem}."] })
    {
        Status = StatusCodes.Status400BadRequest,
        Detail = $"{member} {problem}.",
    }));
}
