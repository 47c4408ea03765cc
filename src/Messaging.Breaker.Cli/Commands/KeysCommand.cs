using System.CommandLine;
using Messaging.Breaker.Cli.CommandLine;

namespace Messaging.Breaker.Cli.Commands;

static class KeysCommand
{
    public static Command Build(Binding binding)
    {
        var names = binding.Breakers(ArgumentArity.ZeroOrMore);
        var command = new Command("keys", "Show the keys of a partitioned breaker that are not closed") { names };
        binding.To(command, (call, cancellationToken) => Task.FromException(new CommandException(
            ExitCode.CannotTell, $"{call.Source.Address} does not tell the keys of breakers.", "They are in the worker's log and metrics; a later page (--page) tells them.")));
        return command;
    }
}
