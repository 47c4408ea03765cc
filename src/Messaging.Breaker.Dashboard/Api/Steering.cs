using Messaging.Breaker.Breakers;
using Messaging.Breaker.Dashboard.Access;
using Messaging.Breaker.Dashboard.State;
using Messaging.Breaker.Telemetry;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>Does what an operator asks for, and writes down who asked.</summary>
sealed class Steering(
    IBreakerRegistry breakers,
    History history,
    Recorder recorder,
    IAntiforgery antiforgery,
    TimeProvider time,
    ILoggerFactory loggers)
{
    const int LongestReason = 500;
    const int LongestName = 300;

    readonly ILogger _log = loggers.CreateLog(Log.Category);

    public async Task<IResult> RunAsync(SteeringAction action, HttpContext context, string name)
    {
        if (await FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        var (order, problem) = await OrderReader.ReadAsync(action, context.Request).ConfigureAwait(false);
        if (order is null)
            return problem!;

        var reason = order.Reason.Length > 0 ? order.Reason : "no reason given";
        if (Visitor.UserNameOf(context) is { } user)
            reason = $"{reason} ({user})";
        reason = OneLine.Of(reason, LongestReason);
        try
        {
            action.Run(this, name, order with { Reason = reason });
        }
        catch (KeyNotFoundException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch (ArgumentException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (InvalidOperationException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status409Conflict);
        }

        _log.Steered(Visitor.NameOf(context), action.Name, action.Kind == SubjectKind.Breaker ? "breaker" : "endpoint", OneLine.Of(name, LongestName), reason);
        return TypedResults.Bytes(recorder.ShowChange().Json, "application/json");
    }

    /// <summary>Null if the request has the token that it needs.</summary>
    public async Task<IResult?> FindTokenProblemAsync(HttpContext context) =>
        await antiforgery.IsRequestValidAsync(context).ConfigureAwait(false) ? null : RefuseToken(context);

    public SteeringToken GetToken(HttpContext context)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        ResponseHeaders.Set(context.Response.Headers);
        return new SteeringToken(tokens.HeaderName!, tokens.RequestToken!);
    }

    public IBreaker Find(string name) => breakers.TryGet(name, out var breaker) ? breaker : throw new KeyNotFoundException(
        $"There is no breaker named '{name}'. Known breakers: {string.Join(", ", breakers.Breakers.Select(known => $"'{known.Name}'"))}.");

    public void WriteDown(string endpoint, string what, Order order) => history.Add(number => new TimelineEntry(
        number, time.GetUtcNow(), SubjectKind.Endpoint, endpoint, null, what, null, order.Reason, order.Duration?.TotalSeconds, null));

    ProblemHttpResult RefuseToken(HttpContext context)
    {
        const string Problem = "the anti-forgery token is missing or wrong";
        _log.SteeringRefused(Visitor.NameOf(context), context.Request.Method, context.Request.Path.ToString(), Problem);
        return TypedResults.Problem(
            title: "No valid anti-forgery token",
            detail: $"{Problem}: get one from api/token, with its cookie, and send it in the header that it names.",
            statusCode: StatusCodes.Status400BadRequest,
            type: "urn:messaging-breaker:anti-forgery-token");
    }
}
