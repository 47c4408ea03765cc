using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.Outages;
using Messaging.Breaker.Reports;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>The breakers of a whole fleet, directly in its store: for when no worker's page can be reached, or there is none.</summary>
sealed class StoreSource(StoreCalls store, string by, TimeProvider time) : ISource
{
    /// <summary>The name of this tool for the instances, where they also show who decided.</summary>
    const string Tool = "the command line";

    const int MostTries = 10;
    const string Advice = "Ask a worker's page: --page http://host:5000/breakers.";

    readonly StoreViews _views = new(time);

    public string Address => store.Address;

    public async Task<FleetView> ReadAsync(CancellationToken cancellationToken)
    {
        var presence = await store.LookAsync(cancellationToken);
        var states = await store.ReadAsync(cancellationToken);
        var reports = await ReadReportsAsync(cancellationToken);
        return new FleetView(
            "store",
            Address,
            null,
            null,
            time.GetUtcNow(),
            presence.Instances,
            _views.Breakers(states, reports),
            _views.Endpoints(states, reports),
            null,
            null,
            null,
            [
                .. reports.Where(report => report.IsSilent).Select(report => $"anything new from {report.Instance}: it has been silent for {Words.Of(report.Age)}"),
                .. reports.Count > 0 ? (string[])[] : ["breakers that never left Closed, and endpoints that are not held: no instance reports them"],
                "forecasts, alerts, keys and dead letters: only a worker's page has them (--page)",
            ]);
    }

    public async IAsyncEnumerable<FleetView> WatchAsync(TimeSpan interval, Action<string> lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await ReadAsync(cancellationToken);
        while (true)
        {
            await Task.Delay(interval, time, cancellationToken);
            FleetView? view = null;
            try
            {
                view = await ReadAsync(cancellationToken);
            }
            catch (CommandException exception) when (exception.ExitCode == ExitCode.Unreachable)
            {
                lost(exception.Message);
            }

            if (view is not null)
                yield return view;
        }
    }

    public async Task<string> SteerAsync(SteeringOrder order, CancellationToken cancellationToken)
    {
        if (order.Key is not null)
            throw CannotTell($"{order.Action} a key");
        if (order.ThisInstanceOnly)
            throw CannotTell($"{order.Action} an endpoint of one instance");
        var presence = await store.LookAsync(cancellationToken);
        var states = await store.ReadAsync(cancellationToken);
        var reports = await ReadReportsAsync(cancellationToken);
        var living = FollowersOf(presence);
        if (order.IsOfEndpoint)
            return await HoldAsync(order with { Name = FindEndpoint(order, states, reports) }, states, cancellationToken) + living;
        var name = order.IsUnlisted ? order.Name : Names.Find(
            "breaker", order.Name, [.. _views.Breakers(states, reports).Select(breaker => breaker.Name)],
            "The store learns of a breaker at its first change. If the workers have a breaker of that name, add --unlisted, or ask a worker's page (--page).");
        name = FleetBreaker.SharedName(name);
        var held = states.FirstOrDefault(state => state.Breaker == name);
        var action = Enum.Parse<OperatorAction>(order.Action, ignoreCase: true);
        var changed = await ChangeAsync(
            name, held, latest => OperatorChange.Next(latest, name, action, order.Reason, order.Length, $"{by} ({Tool})"), cancellationToken);
        await KeepAsync(order, "breaker", name, cancellationToken);
        return changed is null
            ? $"{SteeringWords.Of(held is null ? null : _views.Of(held), order, time.LocalTimeZone)} Nothing to do."
            : SteeringWords.Of(_views.Of(changed), order, time.LocalTimeZone) + living;
    }

    public Task<KeysView> ReadKeysAsync(string breaker, string? search, int? most, CancellationToken cancellationToken) => throw CannotTell("show the keys of a breaker");

    public async Task<OutagesView> ReadOutagesAsync(CancellationToken cancellationToken)
    {
        await store.LookAsync(cancellationToken);
        var outages = await store.ReadListAsync(OutageFormat.List, cancellationToken);
        return new OutagesView([.. OutageFormat.Merge(outages, await store.ReadListAsync(OutageFormat.Shares, cancellationToken)).Select(OutageView.Of)], null);
    }

    public async Task<DeadLettersView> ReadDeadLettersAsync(CancellationToken cancellationToken) => new(
        null,
        [.. (await ReadListAsync(LedgerFormat.Runs, LedgerFormat.ReadRun, cancellationToken)).OrderByDescending(run => run.Began)],
        [.. (await ReadListAsync(LedgerFormat.Trips, LedgerFormat.ReadTrip, cancellationToken)).OrderByDescending(trip => trip.Began)],
        "the contents of the queues of dead letters: only a worker's page has them (--page)",
        null);

    public Task<DeadLetterReport> LookAsync(string queue, bool withBodies, CancellationToken cancellationToken) => throw CannotTell("show the contents of a queue of dead letters");

    public Task<DeadLettersView> RedriveAsync(string queue, JsonObject order, CancellationToken cancellationToken) => throw CannotTell("redrive");

    public Task<DeadLettersView> DiscardAsync(string queue, JsonObject order, CancellationToken cancellationToken) => throw CannotTell("discard");

    public Task<DeadLettersView> CancelAsync(Guid run, CancellationToken cancellationToken) => throw CannotTell("cancel a run");

    public async Task<JsonObject> ExportAsync(CancellationToken cancellationToken) => new()
    {
        ["state"] = JsonSerializer.SerializeToNode(await ReadAsync(cancellationToken), CliFormat.Printed.FleetView),
        ["instances"] = JsonSerializer.SerializeToNode(await ReadReportsAsync(cancellationToken), CliFormat.Printed.IReadOnlyListFleetReport),
        ["outages"] = JsonSerializer.SerializeToNode(await ReadOutagesAsync(cancellationToken), CliFormat.Printed.OutagesView),
        ["deadLetters"] = JsonSerializer.SerializeToNode(await ReadDeadLettersAsync(cancellationToken), CliFormat.Printed.DeadLettersView),
        ["operators"] = new JsonArray([.. (await ReadListAsync(OperatorEntry.List, OperatorEntry.Read, cancellationToken))
            .OrderByDescending(entry => entry.At).Select(entry => JsonSerializer.SerializeToNode(entry, OperatorJson.Default.OperatorEntry))]),
    };

    public ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>If no instance reports itself, the name of an endpoint to hold cannot be checked.</summary>
    string FindEndpoint(SteeringOrder order, IReadOnlyList<SharedBreakerState> states, IReadOnlyList<FleetReport> reports) =>
        order.IsUnlisted || (order.Action == "pause" && reports.Count == 0) ? order.Name
            : Names.Find(
                "endpoint",
                order.Name,
                [.. _views.Endpoints(states, reports).Select(endpoint => endpoint.Name).Union(states.Select(state => HoldName.EndpointOf(state.Breaker)).OfType<string>(), StringComparer.OrdinalIgnoreCase)],
                "If an instance that does not report itself has it, add --unlisted.");

    async Task<string> HoldAsync(SteeringOrder order, IReadOnlyList<SharedBreakerState> states, CancellationToken cancellationToken)
    {
        var reason = order.Action == "pause" ? order.Reason : null;
        var held = states.FirstOrDefault(state => state.Breaker == HoldName.Of(order.Name));
        var changed = await ChangeAsync(
            order.Name, held, latest => OperatorChange.Hold(latest, order.Name, reason, order.Length, Tool, by), cancellationToken);
        await KeepAsync(order, "endpoint", order.Name, cancellationToken);
        return changed is null ? $"{Words.Legible(order.Name)} was not held by the fleet."
            : SteeringWords.Of(_views.OfHold(changed) ?? new EndpointView(order.Name, "resumed", null, [], null, null), order, time.LocalTimeZone);
    }

    Task KeepAsync(SteeringOrder order, string kind, string name, CancellationToken cancellationToken) => store.PutAsync(
        OperatorEntry.List,
        Guid.NewGuid().ToString("N"),
        new OperatorEntry(time.GetUtcNow(), by, order.Action, kind, name, order.Reason, order.Length?.TotalSeconds).Write(),
        cancellationToken);

    static string FollowersOf(FleetPresence presence) => presence.Instances switch
    {
        0 => " No instance is running: those that start later will follow.",
        1 => " 1 instance follows.",
        var count => $" {count} instances follow.",
    };

    /// <returns>Null if there was nothing to do.</returns>
    async Task<SharedBreakerState?> ChangeAsync(
        string name, SharedBreakerState? held, Func<SharedBreakerState?, SharedBreakerState?> change, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            SharedBreakerState? next;
            try
            {
                next = change(held);
            }
            catch (InvalidOperationException exception)
            {
                throw new CommandException(ExitCode.Refused, exception.Message);
            }

            if (next is null)
                return null;
            var holds = await store.ChangeAsync(next, cancellationToken);
            if ((holds.Version, holds.Instance, holds.Reason) == (next.Version, next.Instance, next.Reason))
                return holds;
            held = holds.Version > 0 ? holds : null;
        }

        throw new CommandException(ExitCode.Failed, $"Every attempt to change the state of '{name}' met a concurrent change ({MostTries} attempts).", "Try again.");
    }

    async Task<IReadOnlyList<FleetReport>> ReadReportsAsync(CancellationToken cancellationToken) =>
        [.. (await store.ReadListAsync(ReportFormat.List, cancellationToken)).Select(entry => ReportFormat.Read(entry, time)).OfType<FleetReport>().OrderBy(report => report.Instance, StringComparer.Ordinal)];

    async Task<IEnumerable<T>> ReadListAsync<T>(string list, Func<string?, T?> read, CancellationToken cancellationToken) where T : class =>
        (await store.ReadListAsync(list, cancellationToken)).Select(entry => read(entry.Text)).OfType<T>();

    CommandException CannotTell(string what) => new(ExitCode.CannotTell, $"The store at {Address} cannot {what}: it has only the breakers' states and the ledger.", Advice);
}
