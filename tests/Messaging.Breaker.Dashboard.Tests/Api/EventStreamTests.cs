using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class EventStreamTests
{
    [Fact]
    public async Task A_stream_begins_with_the_history_and_continues_with_one_state_per_second()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        dashboard.Payments.Isolate("before anybody looked"); // an isolation, because a break could end during the test

        await using var stream = await OpenAsync(dashboard);
        var history = await NextAsync(stream, "history");
        var first = await NextAsync(stream, "state");
        await NextAsync(stream, "state");
        var third = await NextAsync(stream, "state");

        Assert.Equal("before anybody looked", Assert.Single(history.GetProperty("timeline").EnumerateArray()).GetProperty("reason").GetString());
        Assert.Equal("Isolated", first.GetProperty("breakers")[0].GetProperty("state").GetString());
        Assert.InRange((third.GetProperty("at").GetDateTimeOffset() - first.GetProperty("at").GetDateTimeOffset()).TotalSeconds, 0.5, 10);
    }

    [Fact]
    public async Task A_transition_is_sent_at_once()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var stream = await OpenAsync(dashboard);
        await NextAsync(stream, "state");

        var tripped = Stopwatch.StartNew();
        dashboard.Payments.Trip("a test");
        var entry = await NextAsync(stream, "entry");
        var state = await NextAsync(stream, "state");

        Assert.Equal(("payments", "Closed", "Open"), (Text(entry, "subject"), Text(entry, "from"), Text(entry, "to")));
        Assert.Equal("Open", Text(state.GetProperty("breakers")[0], "state"));
        Assert.Equal("a test", Text(state.GetProperty("outages")[0], "reason"));
        Assert.InRange(tripped.Elapsed.TotalSeconds, 0, 1);
    }

    [Fact]
    public async Task An_open_stream_does_not_hold_up_the_end_of_the_host()
    {
        var dashboard = await TestDashboard.StartAsync();
        await using var stream = await OpenAsync(dashboard);
        await NextAsync(stream, "state");

        var stopping = dashboard.DisposeAsync().AsTask();

        Assert.Same(stopping, await Task.WhenAny(stopping, Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)));
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    static async Task<IAsyncEnumerator<SseItem<string>>> OpenAsync(TestDashboard dashboard)
    {
        var response = await dashboard.GetAsync("api/events");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        return SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    static async Task<JsonElement> NextAsync(IAsyncEnumerator<SseItem<string>> stream, string type)
    {
        while (await stream.MoveNextAsync())
        {
            if (stream.Current.EventType == type)
                return JsonDocument.Parse(stream.Current.Data).RootElement;
        }

        throw new EndOfStreamException($"The stream ended before an event '{type}' arrived.");
    }
}
