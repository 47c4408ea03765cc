using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Output;

/// <summary>For a pipe, or a terminal without escape sequences: one line for each change.</summary>
sealed class ChangeLines(Call call) : IWatchView
{
    readonly Changes _changes = new();
    string? _problem;

    public void Show(FleetView view)
    {
        _problem = null;
        foreach (var line in _changes.Take(view, call.Zone))
            call.Printer.PrintLine(line);
        call.Surroundings.Out.Flush();
    }

    public void Lose(string problem)
    {
        if (problem == _problem)
            return;
        call.Note($"{Words.Of(call.Time.GetUtcNow(), call.Zone)}  {_problem = problem}");
    }

    public void Dispose()
    {
        // There is nothing to restore.
    }
}
