using SampleWorkers.Hosting;
using Spectre.Console;

namespace SampleWorkers.Drill;

static class DrillReport
{
    public static void Write(DrillSettings settings, DrillFigures figures, IReadOnlyCollection<string> lastWarnings)
    {
        var table = new Table().Title(Markup.Escape(Title(settings))).Border(TableBorder.Square);
        table.AddColumn("figure").AddColumn(new TableColumn("value").RightAligned()).AddColumn("what it is");
        foreach (var (name, value, meaning) in Rows(settings, figures))
            table.AddRow(Markup.Escape(name), Markup.Escape(value?.ToString() ?? "n/a"), Markup.Escape(meaning));
        Terminal.Console.Write(table);

        foreach (var note in figures.Notes)
            Terminal.Console.WriteLine($"Note: {note}");
        if (figures.Succeeded)
            return;
        Terminal.Console.WriteLine("The outage has cost messages, or the queue has not drained. The last warnings:");
        foreach (var warning in lastWarnings)
            Terminal.Console.WriteLine($"  {warning}");
    }

    static string Title(DrillSettings settings) => string.Join(", ", new[]
    {
        $"{settings.Messages} orders at {settings.Rate}/s",
        $"payments {settings.Failure} from second {settings.Outage.ToString().Replace("-", " to ", StringComparison.Ordinal)}",
        settings.Broker is { } broker ? $"{settings.QueueType} queue at {broker}" : "in memory",
        settings.Keys > 0 ? $"{settings.KeysDown} of {settings.Keys} merchants down" : null,
        settings.Regions > 1 ? $"{settings.Regions} regions" : null,
        settings.Instances > 1 ? $"{settings.Instances} workers" : null,
        settings.Share is { } store ? $"sharing on {store}" : null,
    }.OfType<string>());

    static IEnumerable<(string Name, object? Value, string Meaning)> Rows(DrillSettings settings, DrillFigures figures) =>
    [
        ("published", figures.Published, "orders published and confirmed"),
        ("handled", figures.Handled, "orders charged"),
        ("duplicates", figures.Duplicates, "orders charged once more"),
        ("deadLettered", figures.DeadLettered, "messages in _error, other than poison"),
        ("skipped", figures.Skipped, "messages in _skipped"),
        ("faultsPublished", figures.FaultsPublished, "Fault<OrderPlaced> published"),
        ("lost", figures.Lost, "published, and found nowhere"),
        ("stillQueued", figures.StillQueued, "in the queue at the end"),
        ("callsWhileDown", figures.CallsWhileDown, "calls that the payments service got while it was down"),
        ("callsBeforeTrip", figures.CallsBeforeTrip, "of these, by workers whose breaker had not opened yet"),
        ("tripAfterFirstCallMs", figures.TripAfterFirstCallMs, "from the first call that it got while down until the first breaker opened"),
        ("probes", figures.Probes, "calls of workers whose breaker was half-open"),
        ("rounds", figures.Rounds, "times that any breaker was half-open"),
        ("maxProbesPerRound", figures.MaxProbesPerRound, "most calls in one of them, of all workers together"),
        ("trips / reopens", $"{figures.Trips} / {figures.Reopens}", "Closed to Open / HalfOpen to Open"),
        ("quietAfterMs", figures.QuietAfterMs, "longest from opening until neither consumers nor messages unacknowledged were seen"),
        ("consumersWhileOpen", figures.ConsumersWhileOpen, "most seen from then on"),
        ("unackedWhileOpen", figures.UnackedWhileOpen, "most seen from then on"),
        ("probePrefetch", figures.ProbePrefetch, "largest prefetch of a consumer started while half-open"),
        ("firstSuccessAfterRecoveryMs", figures.FirstSuccessAfterRecoveryMs, "until the first order was charged again"),
        ("drainedAfterRecoveryMs", figures.DrainedAfterRecoveryMs, "until the backlog was gone"),
        ("restOfBreakMs", figures.RestOfBreakMs, "of these, the rest of the break"),
        ("roundsAfterRecovery", figures.RoundsAfterRecovery, "rounds of probes that began after the recovery"),
        ("logLinesWhileOpen", figures.LogLinesWhileOpen, "log records at Information and above of workers that were open"),
        ("receipts", figures.Receipts, "sent by the other consumer, which needs no payments"),
        ("engineState", figures.EngineState, "the breakers at the end"),
        .. figures.HandledBySecond is not null ? RegionRows(figures) : [],
        .. figures.OrderViolations is not null ? KeyRows(figures) : [],
        .. figures.Poison > 0 ? PoisonRows(figures) : [],
        .. figures.Redriven is not null ? RedriveRows(figures) : [],
        .. figures.Republished > 0 ? [("republished", (object?)figures.Republished, "publishes that the broker, being lost, did not confirm, and that were repeated")] : (IEnumerable<(string, object?, string)>)[],
    ];

    static IEnumerable<(string Name, object? Value, string Meaning)> RegionRows(DrillFigures figures) =>
    [
        ("handledBySecond", figures.HandledBySecond, "orders charged by the second region"),
        ("handledByFirstAgain", figures.HandledByFirstAgain, "orders charged by the first region after its recovery"),
        ("pauses", figures.Pauses, "times that the endpoint ceased to run"),
    ];

    static IEnumerable<(string Name, object? Value, string Meaning)> KeyRows(DrillFigures figures) =>
    [
        ("healthyKeysP99BeforeMs", figures.HealthyKeysP99BeforeMs, "from publishing to charging, of merchants that are never down"),
        ("healthyKeysP99DuringMs", figures.HealthyKeysP99DuringMs, "the same while others are down"),
        ("callsWhileDownPerKey", figures.CallsWhileDownPerKey, "most calls for one of the merchants that were down, meanwhile"),
        ("parkedMax", figures.ParkedMax, "most orders in queues of single merchants"),
        ("orderViolations", figures.OrderViolations, "orders charged before an earlier one of the same merchant"),
        ("parkingQueuesLeft", figures.ParkingQueuesLeft, "queues of single merchants at the end"),
    ];

    static IEnumerable<(string Name, object? Value, string Meaning)> RedriveRows(DrillFigures figures) =>
    [
        ("redriven", figures.Redriven, "poisoned orders moved back when payments had learnt to accept them"),
        ("failedAgain", figures.FailedAgain, "of these, in _error once more"),
        ("redriveMs", figures.RedriveMs, "until what became of all of them was known"),
        ("redrivePauses", figures.RedrivePauses, "times that it waited for the breaker"),
        ("relapseCalls", figures.RelapseCalls, "calls that payments got while it was down again in the middle of it"),
    ];

    static IEnumerable<(string Name, object? Value, string Meaning)> PoisonRows(DrillFigures figures) =>
    [
        ("poison", figures.Poison, "orders that fail for ever, at the head of the queue after the outage"),
        ("poisonDeadLettered", figures.PoisonDeadLettered, "of these, in _error, where they belong; not counted in deadLettered"),
        ("poisonCallsAfterRecovery", figures.PoisonCallsAfterRecovery, "calls for them after the recovery"),
        ("poisonLastCallAfterRecoveryMs", figures.PoisonLastCallAfterRecoveryMs, "until the last of these calls"),
    ];
}
