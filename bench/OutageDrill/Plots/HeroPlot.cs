using System.Globalization;
using OutageDrill.Reports;
using OutageDrill.Runs;
using OutageDrill.Scenarios;
using ScottPlot;
using ScottPlot.MultiplotLayouts;

namespace OutageDrill.Plots;

/// <summary>The picture at the top of the README: where the messages of an outage go.</summary>
static class HeroPlot
{
    const int Width = 1800;
    const int Height = 700;
    const float FontSize = 26;
    const double Top = 4_300;
    const double RoomForLabels = 8.2;
    const double LabelsFrom = 12.35;

    /// <summary>The smallest distance between two labels, in messages.</summary>
    const double LabelDistance = 290;

    static readonly (string Variant, string Name, Color Color)[] Lines =
    [
        ("circuit-breaker", "UseCircuitBreaker", Look.Vermilion),
        ("nothing", "MassTransit alone", Look.Grey),
        ("wolverine", "Wolverine", Look.Purple),
        ("kill-switch", "UseKillSwitch", Look.Green),
        ("breaker", "Messaging.Breaker", Look.Blue),
    ];

    public static void Save(DrillRecord record, string path)
    {
        var runs = record.Summarize(Scenario.Outage).ToDictionary(summary => summary.Variant.Id, summary => summary.Typical);
        var panels = new Multiplot { Layout = new Grid(1, 2) };
        panels.Subplots.RemoveAt(0);
        panels.AddPlot(Draw("Messages in the dead letter queue", runs, run => run.DeadLetters(), run => run.DeadLettered, labelsFigures: true));
        panels.AddPlot(Draw("Messages waiting in the queue", runs, run => run.Depth(), run => run.Samples.Max(sample => sample.Depth), labelsFigures: false));
        panels.SavePng(path, Width, Height);
    }

    static Plot Draw(
        string title,
        Dictionary<string, RunResult> runs,
        Func<RunResult, IReadOnlyList<(double Time, double Count)>> series,
        Func<RunResult, int> figure,
        bool labelsFigures)
    {
        var plot = Look.Create(title, FontSize, Top, RoomForLabels);
        plot.Label("dependency down", 5, Top - 40, Look.Grey, FontSize, Alignment.UpperCenter);
        foreach (var (variant, _, color) in Lines)
            plot.Line(series(runs[variant]), color, IsOurs(variant) ? 9 : 5);

        var position = -LabelDistance;
        foreach (var (variant, name, color) in Lines.OrderBy(line => figure(runs[line.Variant])))
        {
            var value = figure(runs[variant]);
            position = Math.Max(value, position + LabelDistance);
            var text = labelsFigures ? string.Create(CultureInfo.InvariantCulture, $"{name} {value:N0}") : name;
            plot.Label(text, LabelsFrom, position, color, FontSize, Alignment.MiddleLeft, IsOurs(variant));
        }

        return plot;
    }

    static bool IsOurs(string variant) => variant == "breaker";
}
