using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Outages;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>The breakers of one process, through its page.</summary>
sealed class PageSource(PageClient page, TimeProvider time) : ISource
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The page sends its state about once a second. A state that comes slightly too early is not skipped for the next one.</summary>
    const double Punctuality = 0.9;

    public string Address => page.Address;

    public async Task<FleetView> ReadAsync(CancellationToken cancellationToken) =>
        ViewOf(await page.GetAsync("api/state", CliJson.Default.PageState, cancellationToken));

    public async IAsyncEnumerable<FleetView> WatchAsync(TimeSpan interval, Action<string> lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await ReadAsync(cancellationToken); // An error at the beginning ends the command.
        var shown = time.GetTimestamp();
        while (true)
        {
            await using var states = ReadStatesAsync(lost, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await states.MoveNextAsync())
            {
                if (time.GetElapsedTime(shown) < interval * Punctuality)
                    continue;
                shown = time.GetTimestamp();
                yield return ViewOf(states.Current);
            }

            await Task.Delay(Patience, time, cancellationToken);
        }
    }

    public async Task<string> SteerAsync(SteeringOrder order, CancellationToken cancellationToken)
    {
        var state = await page.GetAsync("api/state", CliJson.Default.PageState, cancellationToken);
        var name = order.IsOfEndpoint
            ? Names.Find("endpoint", order.Name, [.. state.Endpoints.Select(endpoint => endpoint.Name)])
            : Names.Find("breaker", order.Name, [.. state.Breakers.Select(breaker => breaker.Name)]);
        var body = new JsonObject { ["reason"] = order.Reason };
        if (order.Length is { } length)
            body[order.Action == "trip" ? "minimumBreakSeconds" : "expirySeconds"] = length.TotalSeconds;
        if (order.ThisInstanceOnly)
            body["thisInstanceOnly"] = true;
        var key = order.Key is null ? "" : "keys/";
        var path = $"api/{(order.IsOfEndpoint ? "endpoints" : "breakers")}/{Uri.EscapeDataString(name)}/{key}{order.Action}"
            + (order.Key is null ? "" : $"?key={Uri.EscapeDataString(order.Key)}");
        var outcome = "";
        var after = ViewOf(await page.PostAsync(path, body, CliJson.Default.PageState, cancellationToken, told => outcome = told));
        if (order.Key is not null)
            return await DescribeKeyAsync(name, order.Key, cancellationToken);
        return order.IsOfEndpoint
            ? SteeringWords.Of(outcome) + SteeringWords.Of(after.Endpoints?.FirstOrDefault(endpoint => endpoint.Name == name), order, time.LocalTimeZone)
            : SteeringWords.Of(after.Breakers.FirstOrDefault(breaker => breaker.Name == name), order, time.LocalTimeZone);
    }

    public async Task<KeysView> ReadKeysAsync(string breaker, string? search, int? most, CancellationToken cancellationToken)
    {
        var state = await page.GetAsync("api/state", CliJson.Default.PageState, cancellationToken);
        var name = Names.Find("breaker", breaker, [.. state.Breakers.Select(each => each.Name)]);
        return await page.GetAsync(
            FormattableString.Invariant($"api/breakers/{Uri.EscapeDataString(name)}/keys?search={Uri.EscapeDataString(search ?? "")}{(most is null ? "" : $"&most={most}")}"),
            CliJson.Default.KeysView,
            cancellationToken);
    }

    public Task<OutagesView> ReadOutagesAsync(CancellationToken cancellationToken) => page.GetAsync("api/outages", CliJson.Default.OutagesView, cancellationToken);

    public Task<DeadLettersView> ReadDeadLettersAsync(CancellationToken cancellationToken) =>
        page.GetAsync("api/dead-letters", CliJson.Default.DeadLettersView, cancellationToken);

    public Task<DeadLetterReport> LookAsync(string queue, bool withBodies, CancellationToken cancellationToken) =>
        page.GetAsync($"api/dead-letters/{Uri.EscapeDataString(queue)}/{(withBodies ? "bodies" : "groups")}", CliJson.Default.DeadLetterReport, cancellationToken);

    public Task<DeadLettersView> RedriveAsync(string queue, JsonObject order, CancellationToken cancellationToken) =>
        page.PostAsync($"api/dead-letters/{Uri.EscapeDataString(queue)}/redrive", order, CliJson.Default.DeadLettersView, cancellationToken);

    public Task<DeadLettersView> DiscardAsync(string queue, JsonObject order, CancellationToken cancellationToken) =>
        page.PostAsync($"api/dead-letters/{Uri.EscapeDataString(queue)}/discard", order, CliJson.Default.DeadLettersView, cancellationToken);

    public Task<DeadLettersView> CancelAsync(Guid run, CancellationToken cancellationToken) =>
        page.PostAsync($"api/dead-letter-runs/{run}/cancel", [], CliJson.Default.DeadLettersView, cancellationToken);

    public async Task<JsonObject> ExportAsync(CancellationToken cancellationToken) => new()
    {
        ["state"] = await page.GetAsync("api/state", CliJson.Default.JsonObject, cancellationToken),
        ["history"] = await page.GetAsync("api/history", CliJson.Default.JsonObject, cancellationToken),
        ["fleet"] = await page.GetAsync("api/fleet", CliJson.Default.JsonObject, cancellationToken),
        ["outages"] = await page.GetAsync("api/outages", CliJson.Default.JsonObject, cancellationToken),
        ["deadLetters"] = await page.GetAsync("api/dead-letters", CliJson.Default.JsonObject, cancellationToken),
        ["operators"] = (await page.GetAsync("api/operators", CliJson.Default.JsonObject, cancellationToken))["operators"]?.DeepClone(),
    };

    public ValueTask DisposeAsync()
    {
        page.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Until the stream ends.</summary>
    async IAsyncEnumerable<PageState> ReadStatesAsync(Action<string> lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerator<SseItem<string>>? events = null;
        Stream? stream = null;
        try
        {
            while (true)
            {
                PageState? state = null;
                try
                {
                    stream ??= await page.OpenAsync("api/events", cancellationToken);
                    events ??= SseParser.Create(stream, (_, data) => Encoding.UTF8.GetString(data)).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
                    if (!await events.MoveNextAsync())
                    {
                        lost($"The page at {Address} ended its stream.");
                        yield break;
                    }

                    if (events.Current.EventType == "state")
                        state = JsonSerializer.Deserialize(events.Current.Data, CliJson.Default.PageState);
                }
                catch (Exception exception) when (exception is IOException or HttpRequestException or JsonException or CommandException { ExitCode: ExitCode.Unreachable })
                {
                    lost(exception is CommandException ? exception.Message : $"The connection to the page at {Address} is lost: {exception.GetBaseException().Message}");
                    yield break;
                }

                if (state is not null)
                    yield return state;
            }
        }
        finally
        {
            if (events is not null)
                await events.DisposeAsync();
            if (stream is not null)
                await stream.DisposeAsync();
        }
    }

    async Task<string> DescribeKeyAsync(string breaker, string key, CancellationToken cancellationToken)
    {
        var found = await ReadKeysAsync(breaker, key, null, cancellationToken);
        var state = found.Keys.FirstOrDefault(each => each.Key == key)?.State ?? "steered";
        return $"{Words.Legible(breaker)}[{Words.Legible(key)}] is {Words.Legible(state)}.";
    }

    FleetView ViewOf(PageState state)
    {
        var outages = state.Outages.ToDictionary(outage => outage.Breaker, outage => outage.Since);
        return new FleetView(
            "page",
            Address,
            state.Service,
            state.Instance,
            state.At,
            null,
            [.. state.Breakers.Select(breaker => new BreakerView(
                breaker.Name, breaker.State, breaker.Mode, breaker.Reason, breaker.Since, outages.TryGetValue(breaker.Name, out var since) ? since : null,
                breaker.NextProbeAt, null, breaker.RampLimit, breaker.Calls, breaker.FailedCalls))],
            state.Endpoints,
            state.OtherQueues,
            state.Alerts,
            state.Keys,
            state.QueuesAreWatched ? [] : ["queue depth: this worker does not watch its queues (WatchQueues)"]);
    }
}
