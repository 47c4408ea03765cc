using System.CommandLine;
using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Commands;

static class RedriveCommand
{
    static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    public static Command Build(Binding binding, TimeProvider time)
    {
        var queue = binding.Queue(ArgumentArity.ExactlyOne);
        var reason = Options.Reason(isRequired: true);
        var group = Group();
        var messages = new Option<string[]>("--message") { Description = "Only messages with these ids", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
        var from = Options.Moment("--from", "Only messages that failed at this time or later", time);
        var until = Options.Moment("--until", "Only messages that failed before this time", time);
        var rate = new Option<double?>("--rate") { Description = "At most this many messages per second", HelpName = "NUMBER" };
        var waiting = new Option<int?>("--max-waiting") { Description = "At most this many messages waiting in the target, 100 by default", HelpName = "NUMBER" };
        var share = new Option<double?>("--failed-share") { Description = "Stop when more than this share of the messages has failed again, 0.5 by default", HelpName = "SHARE" };
        var wait = Wait();
        var command = new Command("redrive", "Move dead letters back to the queue they came from, while its breakers are closed")
        {
            queue, reason, group, messages, from, until, rate, waiting, share, wait,
        };
        binding.To(command, async (call, cancellationToken) =>
        {
            var name = await ErrorsCommand.FindAsync(call.Source, call.Get(queue)!, cancellationToken);
            var order = new JsonObject { ["reason"] = call.Get(reason) };
            Set(order, "group", await GroupKey.FindAsync(call.Source, name, call.Get(group), cancellationToken));
            if (call.Get(messages) is { Length: > 0 } ids)
                order["messages"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]);
            Set(order, "from", call.Get(from)?.ToUniversalTime());
            Set(order, "until", call.Get(until)?.ToUniversalTime());
            Set(order, "rate", call.Get(rate));
            Set(order, "maxWaiting", call.Get(waiting));
            Set(order, "failedShare", call.Get(share));
            return await FollowAsync(call, name, await call.Source.RedriveAsync(name, order, cancellationToken), call.Get(wait), cancellationToken);
        });
        command.Subcommands.Add(BuildDiscard(binding));
        command.Subcommands.Add(BuildCancel(binding));
        return command;
    }

    static Command BuildDiscard(Binding binding)
    {
        var queue = binding.Queue(ArgumentArity.ExactlyOne);
        var reason = Options.Reason(isRequired: true);
        var group = Group();
        var loss = new Option<string?>("--confirm-loss-of") { Description = "The queue's name again: the messages are deleted for good, without a file", HelpName = "QUEUE" };
        var yes = Options.Yes();
        var wait = Wait();
        var command = new Command("discard", "Move dead letters to a file in the worker's DiscardDirectory") { queue, reason, group, loss, yes, wait };
        binding.To(command, async (call, cancellationToken) =>
        {
            var name = await ErrorsCommand.FindAsync(call.Source, call.Get(queue)!, cancellationToken);
            var key = await GroupKey.FindAsync(call.Source, name, call.Get(group), cancellationToken);
            if (!call.Get(yes))
            {
                var report = await call.Source.LookAsync(name, withBodies: false, cancellationToken);
                var count = key is null ? report.Messages + report.Unread : report.Groups.Where(each => each.Key == key).Sum(each => each.Count);
                call.Confirm($"Discard {Words.Of(count)} message(s) of {Words.Legible(name)}{(call.Get(loss) is null ? "" : " for good, without a file")}?", isConfirmed: false);
            }

            var order = new JsonObject { ["reason"] = call.Get(reason) };
            Set(order, "group", key);
            Set(order, "confirmLossOf", call.Get(loss));
            return await FollowAsync(call, name, await call.Source.DiscardAsync(name, order, cancellationToken), call.Get(wait), cancellationToken);
        });
        return command;
    }

    static Command BuildCancel(Binding binding)
    {
        var run = new Argument<string>("RUN") { Description = "The run's id, or its beginning" };
        var command = new Command("cancel", "End a run that is in progress in the page's worker") { run };
        binding.To(command, async (call, cancellationToken) =>
        {
            var letters = await call.Source.ReadDeadLettersAsync(cancellationToken);
            var id = call.Get(run)!;
            var meant = (letters.Here ?? []).Where(each => each.ToString().StartsWith(id, StringComparison.OrdinalIgnoreCase)).ToList();
            if (letters.Here is not null && meant.Count == 0)
                throw new CommandException(ExitCode.NotFound, $"No run '{Words.Legible(id)}' is in progress in this worker.", "\"breakers errors\" lists the runs; cancel each one through the page of its own worker.");
            if (meant.Count > 1)
                throw Names.Ambiguous("run", id, meant.Select(each => each.ToString()));
            await call.Source.CancelAsync(meant.FirstOrDefault(), cancellationToken);
            if (!call.IsJson)
                call.Printer.PrintLine($"Run {meant[0]} ends.");
            else
                call.Printer.PrintJson(new JsonObject { ["cancelled"] = meant[0].ToString() });
        });
        return command;
    }

    /// <summary>Prints the result of the run, at once or when it has ended.</summary>
    static async Task<int> FollowAsync(Call call, string queue, DeadLettersView begun, bool waits, CancellationToken cancellationToken)
    {
        var run = begun.Runs.Where(each => each.Queue == queue).MaxBy(each => each.Began)
            ?? throw new CommandException(ExitCode.Failed, $"The page does not show the run of '{Words.Legible(queue)}'.");
        for (var shown = ""; waits && run.Ended is null;)
        {
            if (LedgerSheet.Progress(run) is var progress && progress != shown && !call.IsJson)
                call.Note(shown = progress);
            await Task.Delay(Step, call.Time, cancellationToken);
            run = (await call.Source.ReadDeadLettersAsync(cancellationToken)).Runs.FirstOrDefault(each => each.Id == run.Id) ?? run;
        }

        if (call.IsJson)
            call.Printer.PrintJson(new JsonObject { ["run"] = System.Text.Json.JsonSerializer.SerializeToNode(run, CliFormat.Printed.DeadLetterRun) });
        else
            call.Printer.PrintLine($"Run {run.Id.ToString()[..8]}: {LedgerSheet.Progress(run)}.");
        return run.State is DeadLetterRunState.Stopped or DeadLetterRunState.Cancelled ? ExitCode.Refused : ExitCode.Done;
    }

    static void Set<T>(JsonObject order, string name, T? value)
    {
        if (value is not null)
            order[name] = JsonValue.Create(value);
    }

    static Option<string?> Group() => new("--group") { Description = "Only this group, as shown by \"breakers errors QUEUE\"", HelpName = "GROUP" };

    static Option<bool> Wait() => new("--wait") { Description = "Wait until the run has ended" };
}
