using System.Globalization;
using OutageDrill.Reports;
using OutageDrill.Scenarios;
using ScottPlot;
using ScottPlot.MultiplotLayouts;

namespace OutageDrill.Plots;

/// <summary>One panel per variant, all on the same axes.</summary>
static class PanelPlot
{
    const int Columns = 3;
    const int Width = 1800;
    const int PanelHeight = 500;
    const float FontSize = 24;
    const double Top = 4_300;

    public static void Save(DrillRecord record, string path)
    {
        var summaries = record.Summarize(Scenario.Outage);
        var rows = (summaries.Count + Columns - 1) / Columns;
        var panels = new Multiplot { Layout = new Grid(rows, Columns) };
        panels.Subplots.RemoveAt(0);
        foreach (var summary in summaries)
            panels.AddPlot(Draw(summary));
        panels.SavePng(path, Width, rows * PanelHeight);
    }

    static Plot Draw(Summary summary)
    {
        var run = summary.Typical;
        var plot = Look.Create(summary.Variant.Title, FontSize, Top);
        plot.Line(run.Depth(), Look.Blue, 5);
        plot.Line(run.Calls(), Look.Purple, 5);
        plot.Line(run.DeadLetters(), Look.Vermilion, 5);
        AddLegend(plot, run.Samples.Max(sample => sample.Depth), run.TroubledCalls.Count, run.DeadLettered);
        return plot;
    }

    /// <summary>Puts the legend with the figures in the upper left of every panel, where the lines are still low.</summary>
    static void AddLegend(Plot plot, int depth, int calls, int deadLettered)
    {
        Entry($"{Number(depth)} in the queue at most", Look.Blue, 0);
        Entry($"{Number(calls)} calls while down", Look.Purple, 1);
        Entry($"{Number(deadLettered)} dead-lettered", Look.Vermilion, 2);

        void Entry(string text, Color color, int line) =>
            plot.Label(text, 0.15, Top - 60 - (line * 330), color, FontSize, Alignment.UpperLeft, bold: true);
    }

    static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
