using Messaging.Breaker.Dashboard.Access;
using Messaging.Breaker.Dashboard.State;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>Executes an operator's orders, and records who gave them.</summary>
sealed class Steering(
    IBreakerRegistry breakers,
    History history,
    Recorder recorder,
    IAntiforgery antiforgery,
    LedgerKeeper ledger,
    TimeProvider time,
    ILoggerFactory loggers)
{
    const int LongestReason = 500;
    const int LongestName = 300;

    readonly ILogger _log = loggers.CreateLog(Log.Category);

    public Task<IResult> RunAsync(SteeringAction action, HttpContext context, string name) => RunAsync(action, context, name, order => action.Run(this, name, order));

    /// <param name="action">The action.</param>
    /// <param name="context">The request.</param>
    /// <param name="target">The breaker, key or endpoint, for the log.</param>
    /// <param name="run">Executes it.</param>
    public async Task<IResult> RunAsync(SteeringAction action, HttpContext context, string target, Action<Order> run)
    {
        if (await FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        var (order, problem) = await OrderReader.ReadAsync(action, context.Request).ConfigureAwait(false);
        if (order is null)
            return problem!;

        var reason = order.Reason.Length > 0 ? order.Reason : "no reason given";
        if (Visitor.SignatureOf(context) is { } who)
            reason = $"{reason} ({who})";
        reason = OneLine.Of(reason, LongestReason);
        try
        {
            run(order with { Reason = reason });
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

        var (by, kind) = (Visitor.NameOf(context), KindOf(action));
        _log.Steered(by, action.Name, kind, OneLine.Of(target, LongestName), reason);
        Keep(by, action.Name, kind, target, order);
        return TypedResults.Bytes(recorder.ShowChange().Json, "application/json");
    }

    /// <summary>Null if the request has the required token.</summary>
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

    /// <summary>Writes to the fleet's ledger who did what.</summary>
    public void Keep(string by, string action, string kind, string target, Order order)
    {
        var entry = new OperatorEntry(time.GetUtcNow(), by, action, kind, target, order.Reason, order.Duration?.TotalSeconds).Write();
        ledger.Keep(OperatorEntry.List, Guid.NewGuid(), () => (entry, IsFinal: true));
    }

    /// <summary>An operator has steered a key.</summary>
    public void WriteDown(IBreaker key, BreakerState before, Order order)
    {
        var (name, after) = (key.Name, key.State);
        history.Add(number => new TimelineEntry(
            number, time.GetUtcNow(), SubjectKind.Key, name, before, $"{after}", TransitionCause.Operator, order.Reason, order.Duration?.TotalSeconds, null));
    }

    static string KindOf(SteeringAction action) => action.Kind switch
    {
        SubjectKind.Breaker => "breaker",
        SubjectKind.Key => "key",
        _ => "endpoint",
    };

    public void WriteDown(string endpoint, string what, Order order) => history.Add(number => new TimelineEntry(
        number, time.GetUtcNow(), SubjectKind.Endpoint, endpoint, null, what, null, order.Reason, order.Duration?.TotalSeconds, null));

    ProblemHttpResult RefuseToken(HttpContext context)
    {
        const string Problem = "the anti-forgery token is missing or wrong";
        _log.SteeringRefused(Visitor.NameOf(context), context.Request.Method, context.Request.Path.ToString(), Problem);
        return TypedResults.Problem(
            title: "No valid anti-forgery token",
            detail: $"{Problem}: get a token and its cookie from api/token, and send the token in the header named there.",
            statusCode: StatusCodes.Status400BadRequest,
            type: "urn:messaging-breaker:anti-forgery-token");
    }
}
