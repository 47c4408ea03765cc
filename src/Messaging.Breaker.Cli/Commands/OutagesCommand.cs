using System.CommandLine;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;
using Messaging.Breaker.Outages;

namespace Messaging.Breaker.Cli.Commands;

static class OutagesCommand
{
    const int Most = 200;
    const int Usual = 5;

    public static Command Build(Binding binding)
    {
        var names = binding.Breakers(ArgumentArity.ZeroOrMore);
        var last = new Option<int>("--last") { Description = $"How many to show, {Usual} by default, at most {Most}", HelpName = "NUMBER", DefaultValueFactory = _ => Usual };
        last.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > Most)
                result.AddError($"--last must be from 1 to {Most}.");
        });
        var command = new Command("outages", "Show the latest past outages, as Markdown: what each was and what it cost") { names, last };
        binding.To(command, async (call, cancellationToken) =>
        {
            var all = await call.Source.ReadOutagesAsync(cancellationToken);
            var wanted = call.Get(names)!;
            IReadOnlyList<OutageView> shown =
            [
                .. all.Outages.Where(outage => wanted.Length == 0 || wanted.Contains(outage.Breaker, StringComparer.OrdinalIgnoreCase)).Take(call.Get(last)),
            ];
            if (call.IsJson)
                call.Printer.PrintJson(new OutagesView(shown, all.Problem), CliFormat.Printed.OutagesView);
            else
                call.Printer.PrintLine(Postmortem.Of(shown, all.Problem, call.Zone));
        });
        return command;
    }
}
