using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Cli.Tests.Output;

/// <summary>docs/command-line.md shows exactly what appears in a terminal of 80 columns.</summary>
public sealed class SheetTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 12, 14, TimeSpan.Zero);
    static readonly TimeZoneInfo Zone = new Support.Cli.Berlin().LocalTimeZone;

    static readonly KeysView Webhooks = new(
        "webhooks",
        new KeySummaryView(2_140, 1, 0, 1, 0, 312, 190_320, Now.AddSeconds(-15)),
        [
            new KeyView("acme", "Open", Now.AddSeconds(-4), "2 of 2 probes failed", Now.AddSeconds(6), true, 312, 190_320, Now.AddSeconds(-15)),
            new KeyView("tyrell", "Isolated", Now.AddMinutes(-9), "their certificate (anna)", null, true, 0, null, null),
        ],
        false);

    static readonly FleetView Page = new(
        "page",
        "http://worker-1:5000/breakers/",
        "orders-worker",
        "worker-1",
        Now,
        null,
        [
            new BreakerView("payments", "Open", "Enforcing", "2 of 2 probes failed", Now.AddSeconds(-4), Now.AddSeconds(-196), Now.AddSeconds(8), null, null, 81_234, 12),
            new BreakerView("email", "Isolated", "Enforcing", "provider maintenance until noon (anna)", Now.AddMinutes(-12), Now.AddMinutes(-12), Now.AddMinutes(108), null, null, 900, 0),
            new BreakerView("stock", "Closed", "Enforcing", "2 of 3 probes succeeded", Now.AddSeconds(-11), null, null, null, 24, 5_000, 40),
            new BreakerView("search", "Closed", "Shadow", "trying thresholds", Now.AddDays(-2), null, null, null, null, 10_000, 3),
            new BreakerView("ledger", "Closed", "Enforcing", "", Now.AddHours(-50), null, null, null, null, 10_000, 0),
        ],
        [
            new EndpointView("charge-order", "Paused", null, ["payments"], null, Queue("charge-order", 6_400, 31.2, 12)),
            new EndpointView("send-receipt", "Paused", null, ["email"], new HoldView("migrating the table", Now.AddMinutes(-3), Now.AddMinutes(27), "ben", "worker-2"), Queue("send-receipt", 640, null, 0)),
            new EndpointView("index-order", "Running", null, ["search", "stock"], null, null),
        ],
        [],
        [new AlertView("depth", "Critical", ["charge-order"], "payments", "6,400 messages wait behind payments, which is Open", Now.AddMinutes(-2))],
        [Webhooks],
        []);

    [Fact]
    public void Status_in_a_terminal() => Documented("status", Render(Page, width: 80));

    [Fact]
    public void Watch_in_a_terminal() => Documented("watch", Screen.Frame(
        Printer(80, isTerminal: true, hasColour: false),
        Page,
        ["2026-01-02 04:08:58 +01:00  breaker payments: Closed -> Open: 10 failures in a row", "2026-01-02 04:09:14 +01:00  endpoint send-receipt: Running -> Paused (held)"],
        null,
        Zone,
        40));

    [Fact]
    public void Keys_in_a_terminal() => Documented("keys", Printer(80, isTerminal: true, hasColour: false).Render(KeysSheet.Of(Webhooks, Now)));

    [Fact]
    public void The_status_of_a_store_says_what_it_does_not_know() => Documented("store", Render(
        Page with
        {
            Source = "store",
            Address = "redis://redis.example:6379",
            Service = null,
            Instance = null,
            Instances = 3,
            Breakers =
            [
                new BreakerView("email", "Closed", "Enforcing", "", Now.AddHours(-3), null, null, null, null, 1_200, 3),
                new BreakerView("payments", "Open", null, "10 failures in a row", Now.AddSeconds(-4), null, Now.AddSeconds(8), "worker-3", null, null, null),
            ],
            Endpoints = [new EndpointView("charge-order", "1 Running, 2 Paused", null, [], null, Queue("charge-order", 6_400, null, 0) with { DeadLetters = null })],
            OtherQueues = null,
            Alerts = null,
            Keys = null,
            Untold = ["forecasts, alerts, keys and dead letters: only a worker's page has them (--page)"],
        },
        width: 80));

    [Fact]
    public void No_line_is_wider_than_the_terminal_and_rows_are_not_wrapped_in_a_pipe()
    {
        var long_ = Page with { Breakers = [Page.Breakers[0] with { Reason = string.Join(' ', Enumerable.Repeat("reason", 40)) }] };
        Assert.All(Render(long_, width: 80).Split('\n'), line => Assert.True(line.Length <= 80, line));
        var piped = Printer(80, isTerminal: false, hasColour: false).Render(StatusSheet.Of(long_, Zone));
        Assert.Contains(piped.Split('\n'), line => line.StartsWith("payments  Open", StringComparison.Ordinal) && line.EndsWith("reason reason", StringComparison.Ordinal));
        Assert.DoesNotContain("\e", piped, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_gets_colours_but_no_control_characters_from_others()
    {
        var hostile = Page with { Breakers = [Page.Breakers[0] with { Name = "\e[31m[red]pay\u202Ements", Reason = "[bold]\a\r\nx" }] };
        var text = Printer(120, isTerminal: true, hasColour: true).Render(StatusSheet.Of(hostile, Zone));
        Assert.Contains("\e[", text, StringComparison.Ordinal);
        Assert.Contains("[U+001B][31m[red]pay[U+202E]ments", text, StringComparison.Ordinal);
        Assert.Contains("[bold][U+0007][U+000D][U+000A]x", text, StringComparison.Ordinal);
    }

    static string Render(FleetView view, int width) => Printer(width, isTerminal: true, hasColour: false).Render(StatusSheet.Of(view, Zone));

    static Printer Printer(int width, bool isTerminal, bool hasColour) => new(
        new Surroundings(TextWriter.Null, TextWriter.Null, TextReader.Null, isTerminal, false, width, 24, _ => null, new Support.Cli.Berlin()), hasColour);

    static QueueView Queue(string name, long ready, double? drained, long dead) => new(name, Now, ready, null, 0, 40, 212, drained, null, dead);

    /// <summary>The page has a block after the line "&lt;!-- name --&gt;". MESSAGING_BREAKER_UPDATE_DOCS=1 rewrites it.</summary>
    internal static void Documented(string name, string text)
    {
        var file = Path.Combine(Repository.Root, "docs", "command-line.md");
        var page = File.ReadAllText(file);
        var begin = page.IndexOf("```\n", page.IndexOf($"<!-- {name} -->\n", StringComparison.Ordinal), StringComparison.Ordinal) + 4;
        var end = page.IndexOf("\n```", begin, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("MESSAGING_BREAKER_UPDATE_DOCS") == "1")
            File.WriteAllText(file, $"{page[..begin]}{text}{page[end..]}");
        else
            Assert.Equal(page[begin..end], text);
    }
}
