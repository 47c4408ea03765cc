using System.CommandLine;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Commands;

static class StatusCommand
{
    public static Command Build(Binding binding)
    {
        var names = binding.Breakers(ArgumentArity.ZeroOrMore);
        var check = new Option<bool>("--check") { Description = $"Exit with {ExitCode.NotAsWished} if a breaker is not closed" };
        var command = new Command("status", "Show the breakers, and the messages that wait for them") { names, check };
        binding.To(command, async (call, cancellationToken) =>
        {
            var view = Only(await call.Source.ReadAsync(cancellationToken), call.Get(names)!);
            if (call.IsJson)
                call.Printer.PrintJson(view, CliFormat.Printed.FleetView);
            else
                call.Printer.Print(StatusSheet.Of(view, call.Zone));
            return call.Get(check) && view.Breakers.Any(breaker => !breaker.IsClosed) ? ExitCode.NotAsWished : ExitCode.Done;
        });
        return command;
    }

    /// <summary>These breakers and what they guard; all if none is named.</summary>
    public static FleetView Only(FleetView view, IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
            return view;
        var wanted = names.Select(name => Names.Find("breaker", name, [.. view.Breakers.Select(breaker => breaker.Name)])).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var endpoints = view.Endpoints?.Where(endpoint => endpoint.Breakers.Any(wanted.Contains)).ToList();
        var queues = endpoints?.Select(endpoint => endpoint.Name).ToHashSet() ?? [];
        return view with
        {
            Breakers = [.. view.Breakers.Where(breaker => wanted.Contains(breaker.Name))],
            Endpoints = endpoints,
            OtherQueues = view.OtherQueues is null ? null : [],
            Alerts = view.Alerts?.Where(alert => alert.Breaker is { } breaker ? wanted.Contains(breaker) : alert.Queues.Any(queues.Contains)).ToList(),
        };
    }
}
