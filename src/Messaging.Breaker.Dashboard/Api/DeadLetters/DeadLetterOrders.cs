using Messaging.Breaker.Dashboard.Access;
using Messaging.Breaker.Dashboard.State;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Api.DeadLetters;

/// <summary>Looks at dead letters, and redrives and discards them. Long work continues after the answer, and appears in the ledger.</summary>
sealed class DeadLetterOrders(Steering steering, IHostApplicationLifetime lifetime, TimeProvider time, ILoggerFactory loggers, IDeadLetters? letters = null)
{
    const int LongestName = 300;

    /// <summary>Refusals mostly come at once, and are part of the answer.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    readonly ILogger _log = loggers.CreateLog(Log.Category);

    public async Task<IResult> ShowAsync(CancellationToken cancellationToken) =>
        TypedResults.Json(await ReadAsync(cancellationToken).ConfigureAwait(false), DashboardJson.Default.DeadLettersView);

    public Task<IResult> LookAsync(HttpContext context, string queue, bool withBodies) => AnswerAsync(
        async () => TypedResults.Json(
            await Letters(queue).LookAsync(queue, new LookOptions { WithBodies = withBodies }, cancellationToken: context.RequestAborted).ConfigureAwait(false),
            DashboardJson.Default.DeadLetterReport));

    public async Task<IResult> RedriveAsync(HttpContext context, string queue)
    {
        if (await steering.FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        var (request, problem) = await BodyReader.ReadAsync(context.Request, DashboardJson.Default.RedriveRequest).ConfigureAwait(false);
        if (request is null)
            return problem!;
        var defaults = new RedriveOrder { Reason = "" };
        return await StartAsync(context, queue, "redrive", (by, ending) => Letters(queue).RedriveAsync(
            queue,
            new RedriveOrder
            {
                Reason = request.Reason ?? "",
                By = by,
                Group = request.Group,
                Messages = request.Messages,
                From = request.From,
                Until = request.Until,
                MaxWaiting = request.MaxWaiting ?? defaults.MaxWaiting,
                Rate = request.Rate,
                FailedShare = request.FailedShare ?? defaults.FailedShare,
            },
            cancellationToken: ending)).ConfigureAwait(false);
    }

    public async Task<IResult> DiscardAsync(HttpContext context, string queue)
    {
        if (await steering.FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        var (request, problem) = await BodyReader.ReadAsync(context.Request, DashboardJson.Default.DiscardRequest).ConfigureAwait(false);
        if (request is null)
            return problem!;
        return await StartAsync(context, queue, "discard", (by, ending) => Letters(queue).DiscardAsync(
            queue,
            new DiscardOrder { Reason = request.Reason ?? "", By = by, Group = request.Group, ConfirmLossOf = request.ConfirmLossOf },
            cancellationToken: ending)).ConfigureAwait(false);
    }

    public async Task<IResult> CancelAsync(HttpContext context, string run)
    {
        if (await steering.FindTokenProblemAsync(context).ConfigureAwait(false) is { } refusal)
            return refusal;
        if (!Guid.TryParse(run, out var id) || letters?.Cancel(id) != true)
            return TypedResults.Problem($"No run with the id '{OneLine.Of(run, LongestName)}' is in progress here.", statusCode: StatusCodes.Status404NotFound);
        _log.Steered(Visitor.NameOf(context), "cancel", "run", id.ToString(), "no reason given");
        return await ShowAsync(context.RequestAborted).ConfigureAwait(false);
    }

    async Task<DeadLettersView> ReadAsync(CancellationToken cancellationToken)
    {
        if (letters is null)
            return new DeadLettersView([], [], [], null, []);
        var ledger = await letters.ReadLedgerAsync(cancellationToken).ConfigureAwait(false);
        return new DeadLettersView(letters.Queues, ledger.Runs, ledger.Trips, ledger.Problem, [.. letters.Runs.Where(run => run.Ended is null).Select(run => run.Id)]);
    }

    IDeadLetters Letters(string queue) => letters ?? throw new KeyNotFoundException($"There are no dead letters here, so none of queue '{OneLine.Of(queue, LongestName)}'.");

    Task<IResult> StartAsync(HttpContext context, string queue, string action, Func<string, CancellationToken, Task<DeadLetterRun>> start) => AnswerAsync(async () =>
    {
        var running = start(Visitor.NameOf(context), lifetime.ApplicationStopping);
        await Task.WhenAny(running, Task.Delay(Patience, time, context.RequestAborted)).ConfigureAwait(false);
        if (running.IsCompleted)
            await running.ConfigureAwait(false);
        else
            _ = running.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        _log.Steered(Visitor.NameOf(context), action, "queue", OneLine.Of(queue, LongestName), letters!.Runs is [var latest, ..] ? latest.Reason : "");
        return await ShowAsync(context.RequestAborted).ConfigureAwait(false);
    });

    static async Task<IResult> AnswerAsync(Func<Task<IResult>> act)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (KeyNotFoundException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch (ArgumentException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (DeadLetterException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status409Conflict);
        }
    }
}
