using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Outages;

/// <summary>
/// How outages are written for other instances, which may run another version of the library: one entry for each outage, by the instance that
/// reports it, and the counts of other instances separately. Only the instance that made an entry rewrites it, so this version cannot lose what
/// a later one adds.
/// </summary>
static class OutageFormat
{
    /// <summary>The name of the list of outages.</summary>
    public const string List = "outages";

    /// <summary>The name of the list of the other instances' counts.</summary>
    public const string Shares = "outage-shares";

    const int LongestEntry = 8_000;
    const int LongestName = 300;
    const int LongestReason = 500;
    const int LongestId = 100;
    const int MostQueues = 20;
    const int MostListed = 200;

    static readonly OutageJson Json = new(new JsonSerializerOptions(OutageJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The id of an instance's share in the list of shares.</summary>
    public static string ShareOf(string outage, string instance)
    {
        var id = $"{outage}/{instance}";
        return id.Length <= LongestId ? id : id[^LongestId..];
    }

    public static string Write(OutageReport report)
    {
        var text = JsonSerializer.Serialize(report, Json.OutageReport);
        return text.Length <= LongestEntry ? text : JsonSerializer.Serialize(
            report with { Queues = [.. report.Queues.Take(1)], Reason = OneLine.Of(report.Reason, LongestName), EndReason = OneLine.Of(report.EndReason, LongestName) }, Json.OutageReport);
    }

    /// <returns>Null if it is unreadable or not credible.</returns>
    public static OutageReport? Read(string? text)
    {
        try
        {
            return text is { Length: <= LongestEntry } && JsonSerializer.Deserialize(text, Json.OutageReport) is { } report && IsSound(report) ? Tidy(report) : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The outages of the fleet with the counts of all instances, the latest first; unreadable ones are skipped.</summary>
    public static IReadOnlyList<OutageReport> Merge(IEnumerable<SharedLedgerEntry> outages, IEnumerable<SharedLedgerEntry> shares)
    {
        var byId = shares.OfType<SharedLedgerEntry>().Select(entry => Read(entry.Text)).OfType<OutageReport>().ToLookup(share => share.Id);
        return
        [
            .. outages.OfType<SharedLedgerEntry>().Select(entry => Read(entry.Text)).OfType<OutageReport>().DistinctBy(report => report.Id)
                .Select(report => byId[report.Id].Where(share => share.Instance != report.Instance).Aggregate(report, Add))
                .OrderByDescending(report => report.Ended).Take(MostListed),
        ];
    }

    static OutageReport Add(OutageReport report, OutageReport share)
    {
        // The reporter's own beginning applies unless it missed the beginning: clocks differ.
        var first = share.Began < report.Began && report.BeganEarlier ? share : report;
        return report with
        {
            Instances = report.Instances + 1,
            Began = first.Began,
            BeganEarlier = first.BeganEarlier,
            Reason = first.Reason,
            Cause = first.Cause,
            Reopens = Math.Max(report.Reopens, share.Reopens),
            Calls = report.Calls + share.Calls,
            FailedCalls = report.FailedCalls + share.FailedCalls,
            RefusedCalls = report.RefusedCalls + share.RefusedCalls,
            Returned = report.Returned + share.Returned,
            // Every instance sees the same queues.
            Queues =
            [
                .. report.Queues.Concat(share.Queues).GroupBy(queue => queue.Queue)
                    .Select(seen => seen.First() with { MostWaiting = seen.Max(queue => queue.MostWaiting) }).Take(MostQueues),
            ],
            LongestWait = share.LongestWait > (report.LongestWait ?? TimeSpan.MinValue) ? share.LongestWait : report.LongestWait,
        };
    }

    static bool IsSound(OutageReport report) =>
        report is { Calls: >= 0, FailedCalls: >= 0, RefusedCalls: >= 0, Returned: >= 0, Reopens: >= 0, Queues: not null }
        && report.Queues.All(queue => queue is { MostWaiting: >= 0 })
        && Enum.IsDefined(report.Cause) && Enum.IsDefined(report.EndCause) && Enum.IsDefined(report.Drain);

    static OutageReport Tidy(OutageReport report) => report with
    {
        Id = OneLine.Of(report.Id, LongestId),
        Breaker = OneLine.Of(report.Breaker, LongestName),
        Instance = OneLine.Of(report.Instance, LongestName),
        Instances = 1,
        Reason = OneLine.Of(report.Reason, LongestReason),
        EndReason = OneLine.Of(report.EndReason, LongestReason),
        Queues = [.. report.Queues.Take(MostQueues).Select(queue => queue with { Queue = OneLine.Of(queue.Queue, LongestName) })],
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(OutageReport))]
sealed partial class OutageJson : JsonSerializerContext;
