using Messaging.Breaker.Dashboard.Access;
using Messaging.Breaker.Dashboard.Api;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Windows;

/// <summary>Shows the windows, and plans and removes one-time windows.</summary>
sealed class WindowOrders(Steering steering, IPlannedWindows windows, TimeProvider time, ILoggerFactory loggers)
{
    const int LongestReason = 200;
    const int LongestName = 300;

    readonly ILogger _log = loggers.CreateLog(Log.Category);

    public IResult Show() => TypedResults.Json(new WindowsView(windows.Windows), WindowPageJson.Default.WindowsView);

    public async Task<IResult> AddAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (await steering.FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        var (request, problem) = await BodyReader.ReadAsync(context.Request, WindowPageJson.Default.WindowRequest).ConfigureAwait(false);
        if (request is null)
            return problem!;
        var reason = request.Reason?.Trim() ?? "";
        if (reason.Length is 0 or > LongestReason || reason.Any(char.IsControl))
            return BodyReader.Refuse("reason", $"must be one line of 1 to {LongestReason} characters: say why, for the next operator on call");
        if ((request.End is null) == (request.DurationSeconds is null))
            return BodyReader.Refuse("end", "or durationSeconds must be given, but not both");
        if (request.DurationSeconds is not (null or (> 0 and <= 604_800)))
            return BodyReader.Refuse("durationSeconds", "must be above 0 and at most 604800 (7 days)");
        var start = request.Start ?? time.GetUtcNow();
        if (request.DurationSeconds is { } seconds && start > DateTimeOffset.MaxValue.AddSeconds(-seconds))
            return BodyReader.Refuse("start", "is too far ahead");
        var order = new WindowOrder
        {
            Breaker = request.Breaker,
            Endpoint = request.Endpoint,
            Start = start,
            End = request.End ?? start.AddSeconds(request.DurationSeconds!.Value),
            Reason = reason,
            By = Visitor.SignatureOf(context),
        };
        return await RunAsync(context, "plan", order.Breaker is null ? "endpoint" : "breaker", order.Breaker ?? order.Endpoint ?? "", new Order(reason, order.End - start), async () =>
        {
            await windows.AddAsync(order, cancellationToken).ConfigureAwait(false);
            return Show();
        }).ConfigureAwait(false);
    }

    public async Task<IResult> RemoveAsync(HttpContext context, string name)
    {
        if (await steering.FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        return await RunAsync(context, "unplan", "window", name, new Order("removed", null), async () =>
            await windows.RemoveAsync(name, Visitor.SignatureOf(context), context.RequestAborted).ConfigureAwait(false)
                ? Show()
                : TypedResults.Problem($"There is no removable window '{OneLine.Of(name, LongestName)}'.", statusCode: StatusCodes.Status404NotFound)).ConfigureAwait(false);
    }

    async Task<IResult> RunAsync(HttpContext context, string action, string kind, string target, Order order, Func<Task<IResult>> run)
    {
        IResult result;
        try
        {
            result = await run().ConfigureAwait(false);
        }
        catch (KeyNotFoundException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch (ArgumentException exception)
        {
            return TypedResults.Problem(exception.Message.Split(" (Parameter")[0], statusCode: StatusCodes.Status400BadRequest);
        }
        catch (InvalidOperationException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status409Conflict);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            return TypedResults.Problem($"The fleet's store did not accept it: {exception.Message}", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        if (result is IStatusCodeHttpResult { StatusCode: >= StatusCodes.Status400BadRequest })
            return result;
        _log.Steered(Visitor.NameOf(context), action, kind, OneLine.Of(target, LongestName), order.Reason);
        steering.Keep(Visitor.NameOf(context), action, kind, target, order);
        return result;
    }
}
