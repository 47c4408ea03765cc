using System.Globalization;
using OutageDrill.Runs;
using OutageDrill.Scenarios;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace OutageDrill.Plots;

/// <summary>What the plots have in common. The colours are distinct for colour-blind readers too, and dark enough for text.</summary>
static class Look
{
    public static readonly Color Blue = Color.FromHex("#0072B2");
    public static readonly Color Vermilion = Color.FromHex("#C75300");
    public static readonly Color Purple = Color.FromHex("#8F3A84");
    public static readonly Color Green = Color.FromHex("#007A5A");
    public static readonly Color Ink = Color.FromHex("#24292F");
    public static readonly Color Grey = Color.FromHex("#6E7781");

    const double LastSecond = 12;

    static readonly string[] Wanted = ["Liberation Sans", "DejaVu Sans", "Noto Sans", "Arial", "Helvetica"];

    static readonly string Font =
        Wanted.FirstOrDefault(font => SKFontManager.Default.FontFamilies.Contains(font)) ?? SKTypeface.Default.FamilyName;

    /// <summary>An empty plot over the seconds of the main scenario, with the outage shaded and room for labels on the right.</summary>
    public static Plot Create(string title, float fontSize, double top, double room = 0)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.Font.Set(Font);
        plot.Title(title, fontSize * 1.15f);
        plot.Axes.Title.Label.ForeColor = Ink;
        plot.Axes.Title.Label.Font = Fonts.GetTypeface(Font, bold: true, italic: false);
        plot.Grid.MajorLineColor = Color.FromHex("#EAEEF2");
        plot.Axes.Top.IsVisible = plot.Axes.Right.IsVisible = false;
        plot.Axes.Bottom.TickGenerator = Ticks(0, LastSecond, 2, second => second == LastSecond ? $"{second} s" : $"{second}");
        plot.Axes.Left.TickGenerator = Ticks(0, top, 1_000, count => count.ToString("N0", CultureInfo.InvariantCulture));
        foreach (var axis in new[] { (IAxis)plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.TickLabelStyle.FontSize = fontSize;
            axis.TickLabelStyle.ForeColor = Grey;
            axis.FrameLineStyle.Color = Color.FromHex("#D0D7DE");
            axis.MajorTickStyle.Length = 0;
        }

        plot.ShadeOutage();
        plot.Axes.SetLimits(0, LastSecond + 0.9 + room, -top / 30, top);
        return plot;
    }

    /// <summary>Draws a line up to the last second shown, even if the run ended before.</summary>
    public static void Line(this Plot plot, IReadOnlyList<(double Time, double Count)> points, Color color, float width)
    {
        var shown = points.Where(point => point.Time <= LastSecond).ToList();
        shown.Add((LastSecond, shown[^1].Count));
        var line = plot.Add.ScatterLine(shown.Select(point => point.Time).ToArray(), shown.Select(point => point.Count).ToArray());
        line.Color = color;
        line.LineWidth = width;
    }

    public static void Label(this Plot plot, string text, double x, double y, Color color, float size, Alignment alignment, bool bold = false)
    {
        var label = plot.Add.Text(text, x, y);
        label.LabelStyle.Font = Fonts.GetTypeface(Font, bold, italic: false);
        label.LabelFontColor = color;
        label.LabelFontSize = size;
        label.LabelBackgroundColor = Colors.White.WithAlpha(0.7);
        label.LabelAlignment = alignment;
    }

    public static IReadOnlyList<(double Time, double Count)> Depth(this RunResult run) =>
        [.. run.Samples.Select(sample => (sample.Time, (double)sample.Depth))];

    public static IReadOnlyList<(double Time, double Count)> DeadLetters(this RunResult run) =>
        [.. run.Samples.Select(sample => (sample.Time, (double)sample.DeadLettered))];

    /// <summary>How many calls the dependency in trouble had received at each time.</summary>
    public static IReadOnlyList<(double Time, double Count)> Calls(this RunResult run)
    {
        var calls = run.TroubledCalls;
        return [(0, 0), (Scenario.Outage.Timeline.Onset, 0), .. calls.Select((time, index) => (time, index + 1.0))];
    }

    static NumericManual Ticks(double from, double to, double step, Func<double, string> format)
    {
        var ticks = new NumericManual();
        for (var position = from; position <= to; position += step)
            ticks.AddMajor(position, format(position));
        return ticks;
    }

    static void ShadeOutage(this Plot plot)
    {
        var span = plot.Add.HorizontalSpan(Scenario.Outage.Timeline.Onset, Scenario.Outage.Timeline.Recovery);
        span.FillColor = Color.FromHex("#F3F0EA");
        span.LineWidth = 0;
    }
}
