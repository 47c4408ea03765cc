using System.CommandLine;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;

namespace Messaging.Breaker.Cli.Commands;

/// <summary>All commands.</summary>
static class BreakersCommand
{
    public static RootCommand Build(Surroundings surroundings, Secrets secrets)
    {
        var options = new CommonOptions();
        var binding = new Binding(options, surroundings, secrets);
        var root = new RootCommand(
            "Shows and steers circuit breakers of message consumers, through a worker's page (--page) or directly in the fleet's store (--store).");
        options.AddTo(root);
        root.Subcommands.Add(StatusCommand.Build(binding));
        root.Subcommands.Add(WatchCommand.Build(binding));
        foreach (var command in SteeringCommands.Build(binding))
            root.Subcommands.Add(command);
        root.Subcommands.Add(KeysCommand.Build(binding));
        root.Subcommands.Add(OutagesCommand.Build(binding));
        root.Subcommands.Add(ErrorsCommand.Build(binding));
        root.Subcommands.Add(RedriveCommand.Build(binding, surroundings.Time));
        root.Subcommands.Add(ExportCommand.Build(binding));
        root.Subcommands.Add(CompletionCommand.Build(binding));
        return root;
    }
}
