using System.Globalization;
using System.Text;
using Messaging.Breaker.Outages;

namespace Messaging.Breaker.Cli.Output;

/// <summary>Outages as Markdown: the first draft of a postmortem. Foreign text stays text, and never becomes markup.</summary>
static class Postmortem
{
    const string Markup = @"\`*_{}[]<>()#+-!|~&";

    public static string Of(IReadOnlyList<OutageView> outages, string? problem, TimeZoneInfo zone)
    {
        var page = new StringBuilder("# Outages\n");
        if (outages.Count == 0)
            page.Append("\nNo outages are known.\n");
        foreach (var outage in outages)
            Write(page, outage, zone);
        if (problem is not null)
            page.Append(CultureInfo.InvariantCulture, $"\nNot shown here, the reports of other instances: {Text(problem)}\n");
        return page.ToString().TrimEnd('\n');
    }

    static void Write(StringBuilder page, OutageView outage, TimeZoneInfo zone)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {Text(outage.Breaker)}, {Words.Of(outage.Began, zone)}, {Words.Of(Span(outage.Seconds))}\n\n");
        Line("From", $"{Words.Of(outage.Began, zone)}{(outage.BeganEarlier ? ", or earlier: no instance that counted saw the beginning" : "")}");
        Line("To", Words.Of(outage.Ended, zone));
        Line("Opened", Text(outage.Reason));
        Line("Closed", Text(outage.EndReason));
        Line("Reopened", outage.Reopens switch
        {
            0 => "never",
            1 => "once",
            var often => $"{Words.Of(often)} times",
        });
        Line("Calls during the outage", $"{Words.Of(outage.Calls)}, all of them probes; {Words.Of(outage.FailedCalls)} failed");
        Line("Calls spared", $"at least {Words.Of(outage.CallsSpared)}; {Words.Of(outage.RefusedCalls)} refused");
        Line("Messages that waited", outage.Delayed is { } delayed ? $"{Words.Of(delayed)} at most{Queues(outage)}" : "not known: no queue is watched");
        Line("Messages that went back", Words.Of(outage.Returned));
        Line("Longest wait", outage.LongestWaitSeconds is { } wait ? $"at most {Words.Of(Span(wait))}" : "not known");
        Line("Afterwards", Text(outage.Drained));
        Line("Reported by", $"{Text(outage.Instance)}{(outage.Instances > 1 ? $"; counted on {Words.Of(outage.Instances)} instances" : "")}");

        void Line(string what, string value) => page.Append(CultureInfo.InvariantCulture, $"- {what}: {value}\n");
    }

    static string Queues(OutageView outage) => outage.Queues.Count == 0 ? "" : $" ({string.Join("; ", outage.Queues.Select(Queue))})";

    static string Queue(OutageBacklog queue) =>
        $"{Text(queue.Queue)} {Words.Of(queue.MostWaiting)}{(queue.WaitingBefore is { } before ? $", {Words.Of(before)} before" : "")}";

    static TimeSpan Span(double seconds) => TimeSpan.FromSeconds(seconds);

    static string Text(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in Words.Legible(text))
            escaped.Append(Markup.Contains(letter, StringComparison.Ordinal) && !IsHarmless(letter) ? $"\\{letter}" : $"{letter}");
        return escaped.ToString();
    }

    /// <summary>In the middle of a line it has no meaning as markup, and escaping would make it hard to read.</summary>
    static bool IsHarmless(char letter) => letter is '-' or '+' or '(' or ')' or '!' or '#' or '{' or '}';
}
