using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;
using Spectre.Console;

namespace Messaging.Breaker.Cli.Commands;

static class KeysCommand
{
    const int Most = 200;

    public static Command Build(Binding binding)
    {
        var names = binding.Breakers(ArgumentArity.ZeroOrMore);
        var search = new Option<string?>("--search") { Description = "Show keys that contain this text, closed ones too", HelpName = "TEXT" };
        var most = new Option<int?>("--most") { Description = $"How many to show, 50 by default, at most {Most}", HelpName = "NUMBER" };
        var command = new Command("keys", "Show the keys of breakers that are split: how many are down, and the worst") { names, search, most };
        binding.To(command, async (call, cancellationToken) =>
        {
            var found = new List<KeysView>();
            foreach (var name in await WantedAsync(call, call.Get(names)!, cancellationToken))
                found.Add(await call.Source.ReadKeysAsync(name, call.Get(search), call.Get(most), cancellationToken));
            if (call.IsJson)
                call.Printer.PrintJson(new JsonObject { ["keys"] = JsonSerializer.SerializeToNode(found, CliFormat.Printed.IReadOnlyListKeysView) });
            else if (found.Count == 0)
                call.Printer.PrintLine("No breaker here is split into keys.");
            else
                call.Printer.Print(new Rows(found.SelectMany((keys, index) => index == 0 ? [KeysSheet.Of(keys, call.Time.GetUtcNow())] : new[] { Sheet.Blank, KeysSheet.Of(keys, call.Time.GetUtcNow()) })));
        });
        return command;
    }

    static async Task<IEnumerable<string>> WantedAsync(Call call, string[] names, CancellationToken cancellationToken) => names.Length > 0 ? names
        : ((await call.Source.ReadAsync(cancellationToken)).Keys ?? throw CannotTell(call)).Select(keys => keys.Breaker);

    static CommandException CannotTell(Call call) => new(
        ExitCode.CannotTell, $"{call.Source.Address} does not show the keys of breakers.", "Ask a worker's page of a version that shows them: --page http://host:5000/breakers.");
}
