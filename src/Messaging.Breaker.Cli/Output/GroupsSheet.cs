using Spectre.Console;
using Spectre.Console.Rendering;

namespace Messaging.Breaker.Cli.Output;

/// <summary>The contents of a queue of dead letters.</summary>
static class GroupsSheet
{
    const int KeyLength = 8;
    const int LongestBody = 1_000;

    public static IRenderable Of(DeadLetterReport report, TimeZoneInfo zone)
    {
        var rows = new List<IRenderable> { Sheet.Cell(Headline(report)) };
        if (report.Groups.Count > 0)
            rows.AddRange([Sheet.Blank, Groups(report.Groups, zone)]);
        foreach (var group in report.Groups)
            if (group.Sample.Body is { } body)
                rows.AddRange([Sheet.Blank, Sheet.Cell($"{group.Key[..Math.Min(KeyLength, group.Key.Length)]}: {(body.Length > LongestBody ? $"{body[..LongestBody]}..." : body)}")]);
        return new Rows(rows);
    }

    static string Headline(DeadLetterReport report) =>
        $"{report.Queue.Name}: {Words.Of(report.Messages)} message{(report.Messages == 1 ? "" : "s")} in {Words.Of(report.Groups.Count)} group{(report.Groups.Count == 1 ? "" : "s")}"
        + (report.Unread > 0 ? $", {Words.Of(report.Unread)} more not read" : "")
        + (report.OtherConsumers > 0 ? $"; {Words.Of(report.OtherConsumers)} other consumers have more of them" : "") + ".";

    static Table Groups(IReadOnlyList<DeadLetterGroup> groups, TimeZoneInfo zone)
    {
        var table = Sheet.Of(">COUNT", "GROUP", "LAST", "WHAT");
        foreach (var group in groups)
            table.AddRow(
                Sheet.Cell(Words.Of(group.Count)),
                Sheet.Cell(group.Key[..Math.Min(KeyLength, group.Key.Length)]),
                Sheet.Cell(group.Last is { } last ? Words.Of(last, zone) : "?"),
                Sheet.Cell(string.Join(": ", new[] { group.Exception ?? group.MessageType, group.Text }.Where(part => !string.IsNullOrEmpty(part)))));
        return table;
    }
}
