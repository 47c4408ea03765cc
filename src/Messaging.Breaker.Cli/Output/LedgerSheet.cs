using System.Globalization;
using Messaging.Breaker.Cli.Sources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Messaging.Breaker.Cli.Output;

/// <summary>The queues of dead letters, what outages left in them, and what operators did about it.</summary>
static class LedgerSheet
{
    const int Most = 20;

    public static IRenderable Of(DeadLettersView letters, TimeZoneInfo zone)
    {
        var rows = new List<IRenderable>();
        if (letters.Queues is { } queues)
            rows.Add(queues.Count == 0 ? Sheet.Line("There are no queues of dead letters.") : Queues(queues));
        rows.AddRange([Sheet.Blank, letters.Trips.Count == 0 ? Sheet.Line("No breaker has tripped.") : Trips(letters.Trips, zone)]);
        rows.AddRange([Sheet.Blank, letters.Runs.Count == 0 ? Sheet.Line("Nothing was redriven or discarded.") : Runs(letters.Runs, zone)]);
        if (letters.Problem is { } problem)
            rows.AddRange([Sheet.Blank, Sheet.Cell($"Not shown here: {problem}.", Sheet.Faint)]);
        return new Rows(letters.Queues is null ? rows.Skip(1) : rows);
    }

    public static string Progress(DeadLetterRun run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{run.Action} of {Words.Legible(run.Queue)}: {run.State}, {Words.Of(run.Moved)} of {Words.Of(run.Found)} moved, {Words.Of(run.FailedAgain)} failed again{Detail(run)}");

    static Table Queues(IReadOnlyList<DeadLetterSource> queues)
    {
        var table = Sheet.Of("QUEUE", "ENDPOINT");
        foreach (var queue in queues)
            table.AddRow(Sheet.Cell(queue.Name), Sheet.Cell(queue.Endpoint));
        return table;
    }

    static Table Trips(IReadOnlyList<DeadLetterTrip> trips, TimeZoneInfo zone)
    {
        var table = Sheet.Of("TRIP OF", "SINCE", "FOR", ">DEAD", "REASON");
        foreach (var trip in trips.Take(Most))
            table.AddRow(
                Sheet.Cell(trip.Breaker),
                Sheet.Cell(Words.Of(trip.Began, zone)),
                Sheet.Cell(trip.Ended is { } ended ? Words.Of(ended - trip.Began) : "ongoing"),
                Sheet.Cell(Words.Of(trip.DeadLetters)),
                Sheet.Cell(trip.Instance.Length > 0 ? $"{trip.Instance}: {trip.Reason}" : trip.Reason));
        return table;
    }

    static Table Runs(IReadOnlyList<DeadLetterRun> runs, TimeZoneInfo zone)
    {
        var table = Sheet.Of("RUN", "SINCE", "WHAT", ">MOVED", "REASON");
        foreach (var run in runs.Take(Most))
            table.AddRow(
                Sheet.Cell(run.Id.ToString()[..8]),
                Sheet.Cell(Words.Of(run.Began, zone)),
                Sheet.Cell($"{run.Action}, {run.State}"),
                Sheet.Cell(Words.Of(run.Moved)),
                Sheet.Cell($"{run.Queue}, by {run.By}: {run.Reason}{Detail(run)}"));
        return table;
    }

    static string Detail(DeadLetterRun run) => run.Detail.Length > 0 ? $" ({run.Detail})" : "";
}
