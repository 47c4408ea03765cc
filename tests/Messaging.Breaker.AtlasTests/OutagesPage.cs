using System.Text;

namespace Messaging.Breaker.AtlasTests;

/// <summary>The page of the documentation that lists all rows, in Markdown.</summary>
static class OutagesPage
{
    public static string Write()
    {
        var page = new StringBuilder("""
            # Atlas of outages

            How dependencies fail, and how a breaker notices. Each row is a test on a real RabbitMQ and a real server
            (`./test.sh --filter Atlas`), with calls attributed to the breaker and without, at a prefetch of 1 and of 32: nothing ends in
            `_error` or `_skipped`, no `Fault<T>` is published, the breaker trips within three seconds of the thirtieth failing call (at a
            prefetch of 1: of the third), and after the recovery every message is handled.

            The last column is the counterpart: the same failure for one message in twenty while all others get through. Then those messages
            end in `_error`, no others do, and the breaker does not trip. This is tested at a prefetch of 32; at a prefetch of 1 a message
            that fails three times with no other beside it trips the breaker for one break, because an outage looks the same.

            "No message gets through" means that neither a status nor an exception distinguishes an outage from a bad message: the cause shows
            in what happens to the other messages.

            This page is generated: `MESSAGING_BREAKER_UPDATE_DOCS=1 ./test.sh --filter OutagesPageTests` writes it again.

            """.ReplaceLineEndings("\n"));
        foreach (var group in Atlas.Rows.GroupBy(row => row.Group))
        {
            page.Append($"\n## {group.Key}\n\n| failure | recognised by | for one message in twenty |\n|---|---|---|\n");
            foreach (var row in group)
                page.Append($"| {row.Fails} | {row.Recognised} | {(row.WholeOnly is { } reason ? $"not tested: {reason}" : "in `_error`, no trip")} |\n");
        }

        return page.ToString();
    }
}
