using System.CommandLine;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Commands;

static class ErrorsCommand
{
    public static Command Build(Binding binding)
    {
        var queue = binding.Queue(ArgumentArity.ZeroOrOne);
        var bodies = new Option<bool>("--bodies") { Description = "Show the body of a sample of each group, if the page shows you bodies" };
        var command = new Command("errors", "Show the messages in a queue of dead letters, in groups; without a queue, list the queues and the ledger") { queue, bodies };
        binding.To(command, async (call, cancellationToken) =>
        {
            if (call.Get(queue) is not { } name)
            {
                var letters = await call.Source.ReadDeadLettersAsync(cancellationToken);
                if (call.IsJson)
                    call.Printer.PrintJson(letters, CliFormat.Printed.DeadLettersView);
                else
                    call.Printer.Print(LedgerSheet.Of(letters, call.Zone));
                return;
            }

            var report = await call.Source.LookAsync(await FindAsync(call.Source, name, cancellationToken), call.Get(bodies), cancellationToken);
            if (call.IsJson)
                call.Printer.PrintJson(report, CliFormat.Printed.DeadLetterReport);
            else
                call.Printer.Print(GroupsSheet.Of(report, call.Zone));
        });
        return command;
    }

    /// <summary>The queue of that name, or the only one of the endpoint of that name.</summary>
    public static async Task<string> FindAsync(ISource source, string name, CancellationToken cancellationToken)
    {
        if ((await source.ReadDeadLettersAsync(cancellationToken)).Queues is not { } queues)
            return name; // The source itself says that it cannot.
        var meant = queues.Where(queue => queue.Endpoint == name).Select(queue => queue.Name).ToList();
        return meant.Count switch
        {
            _ when queues.Any(queue => queue.Name == name) => name,
            1 => meant[0],
            > 1 => throw Names.Ambiguous("queue of dead letters", name, meant),
            _ => Names.Find("queue of dead letters", name, [.. queues.Select(queue => queue.Name)]),
        };
    }
}
