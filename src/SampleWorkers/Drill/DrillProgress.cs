using SampleWorkers.Hosting;
using Spectre.Console;

namespace SampleWorkers.Drill;

/// <summary>Shows the progress of a drill: bars in a terminal, a line a second in a pipe.</summary>
static class DrillProgress
{
    public static Task<T> ShowAsync<T>(DrillSettings settings, Func<Action<DrillMoment>, Task<T>> run) =>
        Terminal.IsLive ? ShowBarsAsync(settings, run) : ShowLinesAsync(run);

    static Task<T> ShowBarsAsync<T>(DrillSettings settings, Func<Action<DrillMoment>, Task<T>> run) => Terminal.Console.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
        .StartAsync(context =>
        {
            var published = context.AddTask("published", maxValue: settings.Messages);
            var handled = context.AddTask("handled", maxValue: settings.Messages);
            return run(moment =>
            {
                published.Value = moment.Published;
                published.Description = $"{moment.Elapsed.TotalSeconds,5:0.0} s  published {moment.Published,6}  payments {moment.Payments,-11}";
                handled.Value = moment.Handled;
                handled.Description = $"         handled   {moment.Handled,6}  breaker  {moment.State,-11}";
            });
        });

    static Task<T> ShowLinesAsync<T>(Func<Action<DrillMoment>, Task<T>> run)
    {
        var next = TimeSpan.Zero;
        return run(moment =>
        {
            if (moment.Elapsed < next)
                return;
            next = TimeSpan.FromSeconds(Math.Floor(moment.Elapsed.TotalSeconds) + 1);
            Console.WriteLine(
                $"{moment.Elapsed.TotalSeconds,5:0.0} s  published {moment.Published,6}  handled {moment.Handled,6}  "
                + $"ready {(moment.Ready is { } ready ? ready : "n/a"),6}  payments {moment.Payments,-11}  breaker {moment.State}");
        });
    }
}
