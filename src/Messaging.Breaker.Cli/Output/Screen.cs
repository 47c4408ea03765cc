using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Sources;
using Spectre.Console;

namespace Messaging.Breaker.Cli.Output;

/// <summary>The whole terminal, on its alternate screen: the previous contents come back afterwards.</summary>
sealed class Screen : IWatchView
{
    const string Enter = "\e[?1049h\e[?25l";
    const string Leave = "\e[?25h\e[?1049l";
    const string Home = "\e[H";
    const string EndOfLine = "\e[K";
    const string EndOfScreen = "\e[J";
    const int MostChanges = 5;

    readonly Call _call;
    readonly Changes _changes = new();
    readonly Queue<string> _latest = new();
    FleetView? _view;

    public Screen(Call call)
    {
        _call = call;
        call.Surroundings.Out.Write(Enter);
    }

    public void Show(FleetView view)
    {
        _view = view;
        foreach (var change in _changes.Take(view, _call.Zone))
        {
            _latest.Enqueue(change);
            if (_latest.Count > MostChanges)
                _latest.Dequeue();
        }

        Draw(null);
    }

    public void Lose(string problem) => Draw(problem);

    public void Dispose()
    {
        _call.Surroundings.Out.Write(Leave);
        _call.Surroundings.Out.Flush();
    }

    /// <summary>The text on the screen; its end if the screen has too few lines.</summary>
    public static string Frame(Printer printer, FleetView? view, IEnumerable<string> changes, string? problem, TimeZoneInfo zone, int height)
    {
        var rows = new List<Spectre.Console.Rendering.IRenderable>();
        if (view is not null)
            rows.Add(StatusSheet.Of(view, zone));
        if (changes.Any())
            rows.AddRange([Sheet.Blank, .. changes.Select(change => Sheet.Line(change, Sheet.Faint))]);
        if (problem is not null)
            rows.AddRange([Sheet.Blank, Sheet.Cell($"Out of date: {problem} Retrying.", Sheet.StyleOf("Critical"))]);
        rows.AddRange([Sheet.Blank, Sheet.Line("Ctrl+C to quit.", Sheet.Faint)]);
        var lines = printer.Render(new Rows(rows)).Split('\n');
        return string.Join('\n', lines.Length > height ? [.. lines.Take(height - 1), "..."] : lines);
    }

    void Draw(string? problem)
    {
        var frame = Frame(_call.Printer, _view, _latest, problem, _call.Zone, _call.Surroundings.Height);
        _call.Surroundings.Out.Write($"{Home}{frame.Replace("\n", $"{EndOfLine}\r\n", StringComparison.Ordinal)}{EndOfLine}{EndOfScreen}");
        _call.Surroundings.Out.Flush();
    }
}
