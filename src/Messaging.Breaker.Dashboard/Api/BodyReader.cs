using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>Reads the small JSON body of a request; a problem names the member that is wrong.</summary>
static class BodyReader
{
    const int MostBytes = 4096;

    public static async Task<(T? Body, ProblemHttpResult? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type) where T : class
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
                    return (null, Refuse("body", $"must be at most {MostBytes} bytes long"));
            }

            return JsonSerializer.Deserialize(body.ToArray(), type) is { } order ? (order, null) : (null, Refuse("body", "must be a JSON object"));
        }
        catch (JsonException exception)
        {
            return (null, Refuse(exception.Path is ['$', '.', .. var member] ? member : "body", "is unknown or has the wrong type"));
        }
    }

    public static ProblemHttpResult Refuse(string member, string problem) => TypedResults.Problem(new HttpValidationProblemDetails(
        new Dictionary<string, string[]> { [member] = [$"{member} {problem}."] })
    {
        Status = StatusCodes.Status400BadRequest,
        Detail = $"{member} {problem}.",
    });
}
