using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Outages;

namespace Messaging.Breaker.Cli.Tests.Output;

/// <summary>docs/command-line.md shows exactly what <c>breakers outages</c> prints.</summary>
public sealed class PostmortemTests
{
    static readonly TimeZoneInfo Zone = new Support.Cli.Berlin().LocalTimeZone;

    static readonly OutageReport Report = new()
    {
        Id = "41-payments",
        Breaker = "payments",
        Instance = "worker-1",
        Instances = 3,
        Began = new DateTimeOffset(2026, 1, 2, 3, 8, 58, TimeSpan.Zero),
        Ended = new DateTimeOffset(2026, 1, 2, 3, 20, 14, TimeSpan.Zero),
        Reason = "10 failures in a row, mostly HttpRequestException: 503",
        Cause = TransitionCause.ConsecutiveFailures,
        EndReason = "2 of 2 probes succeeded",
        EndCause = TransitionCause.ProbesSucceeded,
        Reopens = 9,
        Calls = 22,
        FailedCalls = 20,
        RefusedCalls = 14,
        Returned = 96,
        Queues =
        [
            new OutageBacklog { Queue = "charge-order", WaitingBefore = 0, MostWaiting = 6_400 },
            new OutageBacklog { Queue = "refund", WaitingBefore = 3, MostWaiting = 310 },
        ],
        LongestWait = TimeSpan.FromSeconds(681),
        DrainedIn = TimeSpan.FromSeconds(31),
        Drain = OutageDrain.Queues,
    };

    [Fact]
    public void An_outage_is_printed_as_Markdown() => SheetTests.Documented("outages", Postmortem.Of([OutageView.Of(Report)], null, Zone));

    [Fact]
    public void Text_from_others_is_escaped_and_unknown_figures_are_called_unknown()
    {
        var page = Postmortem.Of(
            [
                OutageView.Of(Report with
                {
                    Reason = "<b>*down*</b> [x](y) `c`\u001b[31m",
                    BeganEarlier = true,
                    Queues = [],
                    LongestWait = null,
                    DrainedIn = null,
                    Drain = OutageDrain.Unknown,
                }),
            ],
            "no answer",
            Zone);
        Assert.Contains(@"\<b\>\*down\*\</b\> \[x\](y) \`c\`\[U+001B\]\[31m", page, StringComparison.Ordinal);
        Assert.Contains("- Messages that waited: not known: no queue is watched\n", page, StringComparison.Ordinal);
        Assert.Contains("- Longest wait: not known\n", page, StringComparison.Ordinal);
        Assert.Contains("or earlier", page, StringComparison.Ordinal);
        Assert.EndsWith("Not shown here, the reports of other instances: no answer", page, StringComparison.Ordinal);
    }
}
