using Messaging.Breaker;
using SampleWorkers.Hosting;
using Spectre.Console;

namespace SampleWorkers.Demo;

/// <summary>A live screen in a terminal; in a pipe, a line a second and one for each event.</summary>
static class DemoView
{
    const int NewsShown = 10;

    public static Task ShowAsync(DemoShop shop, DemoJournal journal, Uri? page, CancellationToken cancellationToken) =>
        Terminal.IsLive ? ShowScreenAsync(shop, journal, page, cancellationToken) : ShowLinesAsync(shop, journal, cancellationToken);

    static Task ShowScreenAsync(DemoShop shop, DemoJournal journal, Uri? page, CancellationToken cancellationToken)
    {
        var news = new List<string>();
        return Terminal.Console.Live(Render(shop.GetFigures(), news, page)).StartAsync(async screen =>
        {
            while (true)
            {
                await Task.Delay(200, cancellationToken);
                news.AddRange(journal.TakeNews());
                news.RemoveRange(0, Math.Max(0, news.Count - NewsShown));
                screen.UpdateTarget(Render(shop.GetFigures(), news, page));
            }
        });
    }

    static async Task ShowLinesAsync(DemoShop shop, DemoJournal journal, CancellationToken cancellationToken)
    {
        var next = TimeSpan.Zero;
        while (true)
        {
            foreach (var line in journal.TakeNews())
                Console.WriteLine(line);
            var figures = shop.GetFigures();
            if (figures.Elapsed >= next)
            {
                next = TimeSpan.FromSeconds(Math.Floor(figures.Elapsed.TotalSeconds) + 1);
                Console.WriteLine(Describe(figures));
            }
            await Task.Delay(100, cancellationToken);
        }
    }

    static string Describe(DemoFigures figures) =>
        $"{figures.Elapsed.TotalSeconds,6:0.0} s  published {figures.Published,5}  waiting {figures.Waiting,4}  handled {figures.Handled,5}  "
        + $"dead-lettered {figures.DeadLettered}  receipts {figures.Receipts,5}  payments {figures.Payments} "
        + $"({figures.Calls} calls, {figures.CallsWhileDown} while down)  "
        + string.Join("  ", figures.Breakers.Select(breaker => $"{breaker.Name} {breaker.State}{NextProbe(breaker, "; probing in ")}"));

    static Rows Render(DemoFigures figures, IEnumerable<string> news, Uri? page)
    {
        var shop = new Table().Border(TableBorder.Rounded).Expand()
            .AddColumns("published", "waiting", "handled", "dead-lettered", "receipts", "payments service", "calls", "while down")
            .AddRow(
                $"{figures.Published}",
                figures.Waiting > 100 ? $"[yellow]{figures.Waiting}[/]" : $"{figures.Waiting}",
                $"{figures.Handled}",
                figures.DeadLettered is 0 ? "[green]0[/]" : $"[red]{figures.DeadLettered}[/]",
                $"{figures.Receipts}",
                figures.Payments is "Up" ? "[green]Up[/]" : $"[red]{figures.Payments}[/]",
                $"{figures.Calls}",
                $"{figures.CallsWhileDown}");

        var breakers = new Table().Border(TableBorder.Rounded).Expand().AddColumns("breaker", "state", "next probe", "reason");
        foreach (var breaker in figures.Breakers)
            breakers.AddRow(
                Markup.Escape(breaker.Name), $"[{Colour(breaker.State)}]{breaker.State}[/]", NextProbe(breaker, "in "), Markup.Escape(breaker.Reason));

        var log = new Panel(new Text(string.Join('\n', news))).Header("log").Expand();
        return new Rows(
            new Markup($"[bold]A small shop[/]  {figures.Elapsed.TotalSeconds:0} s  {page}  (Ctrl+C to quit)"), shop, breakers, log);
    }

    static string NextProbe(BreakerSnapshot breaker, string before) => breaker.NextProbeAt is { } at
        ? $"{before}{Math.Max(0, (at - DateTimeOffset.UtcNow).TotalSeconds):0.0} s"
        : "";

    static string Colour(BreakerState state) => state switch
    {
        BreakerState.Closed => "green",
        BreakerState.HalfOpen => "yellow",
        _ => "red",
    };
}
