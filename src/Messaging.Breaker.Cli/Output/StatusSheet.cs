using System.Globalization;
using Messaging.Breaker.Cli.Sources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Messaging.Breaker.Cli.Output;

/// <summary>The breakers, the endpoints, the waiting messages, and remarks.</summary>
static class StatusSheet
{
    public static IRenderable Of(FleetView view, TimeZoneInfo zone)
    {
        List<IRenderable> rows = [Sheet.Line(Headline(view, zone)), Sheet.Blank, Breakers(view)];
        if (view.Endpoints is { Count: > 0 } endpoints)
            rows.AddRange([Sheet.Blank, Endpoints(endpoints)]);
        if (view.OtherQueues is { Count: > 0 } queues)
            rows.AddRange([Sheet.Blank, Queues(queues)]);
        rows.AddRange(Remarks(view, zone));
        return new Rows(rows);
    }

    static string Headline(FleetView view, TimeZoneInfo zone) => view.Service is null
        ? $"{view.Address}, {Count(view.Instances ?? 0, "instance")}, {Words.Of(view.At, zone)}"
        : $"{Words.Legible(view.Service)} on {Words.Legible(view.Instance ?? "?")}, {Words.Of(view.At, zone)}";

    static IRenderable Breakers(FleetView view)
    {
        if (view.Breakers.Count == 0)
            return Sheet.Line(view.Source == "store" ? "No breaker has ever changed." : "There is no breaker.");
        var table = Sheet.Of("BREAKER", "STATE", "FOR", "NEXT", "REASON");
        foreach (var breaker in view.Breakers)
            table.AddRow(
                Sheet.Cell(breaker.Name),
                Sheet.Cell(StateOf(breaker), Sheet.StyleOf(breaker.State)),
                Sheet.Cell(Words.Of(view.At - (breaker.DownSince ?? breaker.Since))),
                Sheet.Cell(NextOf(breaker, view.At)),
                Sheet.Cell(breaker.IsClosed && breaker.Mode is null or nameof(BreakerMode.Enforcing) ? "" : ReasonOf(breaker)));
        return table;
    }

    public static string StateOf(BreakerView breaker) =>
        breaker.Mode is null or nameof(BreakerMode.Enforcing) ? breaker.State : $"{breaker.State} ({breaker.Mode})";

    public static string ReasonOf(BreakerView breaker) => breaker.Decider is null ? breaker.Reason : $"{breaker.Decider}: {breaker.Reason}";

    static string NextOf(BreakerView breaker, DateTimeOffset now) => breaker switch
    {
        { RampLimit: { } limit } => string.Create(CultureInfo.InvariantCulture, $"{limit} at once"),
        { State: nameof(BreakerState.Open), NextProbeAt: { } at } => at > now ? $"probe in {Words.Of(at - now)}" : "probe is due",
        { State: nameof(BreakerState.Isolated), NextProbeAt: { } at } => $"{Words.Of(at - now)} left",
        { State: nameof(BreakerState.Isolated) } => "release",
        _ => "",
    };

    static Table Endpoints(IReadOnlyList<EndpointView> endpoints)
    {
        var table = Sheet.Of("ENDPOINT", "STATE", ">WAITING", "DRAINED", ">DEAD", "BREAKERS");
        foreach (var endpoint in endpoints)
            table.AddRow(
                Sheet.Cell(endpoint.Name),
                Sheet.Cell(endpoint.Limit is { } limit ? $"{endpoint.State} to {limit}" : endpoint.State, Sheet.StyleOf(endpoint.State)),
                Sheet.Cell(endpoint.Queue is { } queue ? Words.Of(queue.Ready) : "?"),
                Sheet.Cell(DrainedOf(endpoint.Queue)),
                Sheet.Cell(endpoint.Queue?.DeadLetters is { } dead ? Words.Of(dead) : "?"),
                Sheet.Cell(string.Join(", ", endpoint.Breakers)));
        return table;
    }

    static Table Queues(IReadOnlyList<QueueView> queues)
    {
        var table = Sheet.Of("QUEUE", ">WAITING", "DRAINED", ">CONSUMERS");
        foreach (var queue in queues)
            table.AddRow(Sheet.Cell(queue.Name), Sheet.Cell(Words.Of(queue.Ready)), Sheet.Cell(DrainedOf(queue)), Sheet.Cell(Words.Of(queue.Consumers)));
        return table;
    }

    static string DrainedOf(QueueView? queue) => queue switch
    {
        { Ready: > 0, SecondsUntilDrained: { } seconds } => $"in {Words.Of(TimeSpan.FromSeconds(Math.Min(seconds, 86_400 * 999.0)))}",
        { Ready: > 0 } => "?",
        _ => "",
    };

    static IEnumerable<IRenderable> Remarks(FleetView view, TimeZoneInfo zone)
    {
        var remarks = new List<IRenderable>();
        foreach (var endpoint in view.Endpoints ?? [])
            if (endpoint.Hold is { } hold)
                remarks.Add(Sheet.Cell(
                    $"{endpoint.Name} is held {(hold.By is null ? "" : $"by {hold.By} ")}{(hold.Instance is null ? "" : "on the whole fleet ")}since {Words.Of(hold.Since, zone)}{(hold.Until is { } until ? $" until {Words.Of(until, zone)}" : "")}: {hold.Reason}", Sheet.StyleOf("Isolated")));
        foreach (var keys in view.Keys ?? [])
            if (KeysSheet.AreDown(keys.Summary))
                remarks.Add(Sheet.Cell($"{KeysSheet.Headline(keys, view.At)} See: breakers keys {keys.Breaker}", Sheet.StyleOf(nameof(BreakerState.HalfOpen))));
        foreach (var alert in view.Alerts ?? [])
            remarks.Add(Sheet.Cell($"{alert.Severity}: {alert.Message}", Sheet.StyleOf(alert.Severity)));
        foreach (var untold in view.Untold)
            remarks.Add(Sheet.Cell($"Not shown here: {untold}.", Sheet.Faint));
        return remarks.Count > 0 ? remarks.Prepend(Sheet.Blank) : remarks;
    }

    static string Count(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
