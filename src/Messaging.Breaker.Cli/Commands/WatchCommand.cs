using System.CommandLine;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;

namespace Messaging.Breaker.Cli.Commands;

static class WatchCommand
{
    static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    public static Command Build(Binding binding)
    {
        var names = binding.Breakers(ArgumentArity.ZeroOrMore);
        var interval = Options.Length("--interval", "How often to refresh, 1s by default");
        var until = new Option<string?>("--until") { Description = "Exit with 0 once all watched breakers are in this state, for example: --until closed", HelpName = "STATE" };
        until.AcceptOnlyFromAmong([.. Enum.GetNames<BreakerState>().SelectMany(state => new[] { state, state.ToLowerInvariant() })]);
        var within = Options.Length("--within", $"With --until: exit with {ExitCode.NotAsWished} after");
        var command = new Command("watch", "Show the breakers live; in a pipe, one line for each change") { names, interval, until, within };
        binding.To(command, async (call, cancellationToken) =>
        {
            using var limit = new CancellationTokenSource(call.Get(within) ?? Timeout.InfiniteTimeSpan, call.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            using IWatchView screen = call.IsJson ? new JsonLines(call.Printer) : call.Surroundings is { IsTerminal: true, IsDumb: false } ? new Screen(call) : new ChangeLines(call);
            try
            {
                await foreach (var view in call.Source.WatchAsync(call.Get(interval) ?? DefaultInterval, screen.Lose, either.Token).WithCancellation(either.Token))
                {
                    var shown = StatusCommand.Only(view, call.Get(names)!);
                    screen.Show(shown);
                    if (call.Get(until) is { } state && shown.Breakers.All(breaker => string.Equals(breaker.State, state, StringComparison.OrdinalIgnoreCase)))
                        return ExitCode.Done;
                }
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return ExitCode.NotAsWished;
            }
            catch (OperationCanceledException) when (call.Get(until) is null)
            {
                // Ctrl+C is how a user ends it.
            }

            return cancellationToken.IsCancellationRequested && call.Get(until) is not null ? ExitCode.Interrupted : ExitCode.Done;
        });
        return command;
    }
}
