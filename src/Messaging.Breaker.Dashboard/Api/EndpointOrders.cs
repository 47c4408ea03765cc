using Messaging.Breaker.Dashboard.Access;
using Messaging.Breaker.Dashboard.State;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>Pauses and resumes endpoints, for the fleet or only for this instance, records who asked, and answers with the outcome.</summary>
sealed class EndpointOrders(Steering steering, IEndpointRegistry endpoints, Recorder recorder, ILoggerFactory loggers)
{
    /// <summary>The response header with the outcome of the order.</summary>
    const string Outcome = "Hold-Outcome";
    const int LongestName = 300;
    const int LongestReason = 500;

    readonly ILogger _log = loggers.CreateLog(Log.Category);

    public Task<IResult> PauseAsync(HttpContext context, string endpoint) => RunAsync(context, endpoint, "pause", "Paused", (by, order) =>
        endpoints.PauseAsync(endpoint, order.Reason, order.Duration, by, order.ThisInstanceOnly));

    public Task<IResult> ResumeAsync(HttpContext context, string endpoint) => RunAsync(context, endpoint, "resume", "Resumed", (by, order) =>
        endpoints.ResumeAsync(endpoint, by, order.ThisInstanceOnly));

    async Task<IResult> RunAsync(HttpContext context, string endpoint, string action, string what, Func<string?, Order, Task<HoldOutcome>> run)
    {
        if (await steering.FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        var (order, problem) = await OrderReader.ReadEndpointsAsync(action, context.Request).ConfigureAwait(false);
        if (order is null)
            return problem!;
        var by = Visitor.SignatureOf(context);
        // A reason of invisible characters is no reason.
        order = order with { Reason = OneLine.Of(order.Reason, LongestReason) };
        HoldOutcome outcome;
        try
        {
            outcome = await run(by, order).ConfigureAwait(false);
        }
        catch (KeyNotFoundException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch (ArgumentException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }

        var reason = order.Reason.Length > 0 ? order.Reason : "no reason given";
        steering.WriteDown(endpoint, what, order with { Reason = by is null ? reason : $"{reason} ({by})" });
        _log.Steered(Visitor.NameOf(context), action, "endpoint", OneLine.Of(endpoint, LongestName), $"{reason} ({outcome})");
        steering.Keep(Visitor.NameOf(context), action, "endpoint", endpoint, order);
        context.Response.Headers[Outcome] = $"{outcome}";
        return TypedResults.Bytes(recorder.ShowChange().Json, "application/json");
    }
}
