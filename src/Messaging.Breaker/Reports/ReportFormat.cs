using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Reports;

/// <summary>
/// How a report is written for other instances, which may run another version of the library: JSON, with enumerations by name. Only the
/// instance that it is about writes it, so this version cannot lose what a later one adds. It has no times of day, only durations.
/// </summary>
static class ReportFormat
{
    /// <summary>The name of the list.</summary>
    public const string List = "instances";

    const int LongestReport = 8_000;
    const int LongestName = 255;
    const int LongestReason = 150;
    const int MostEntries = 500;
    static readonly TimeSpan LongestUp = TimeSpan.FromDays(3_650);
    static readonly ReportJson Json = new(new JsonSerializerOptions(ReportJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>As much as fits.</summary>
    public static string Write(WrittenReport report)
    {
        while (true)
        {
            var text = JsonSerializer.Serialize(report, Json.WrittenReport);
            if (text.Length <= LongestReport)
                return text;
            // In a report that is far too long, most of the last parts can be dropped.
            var (breakers, endpoints) = (report.Breakers.Count * 3 / 4, report.Endpoints.Count * 3 / 4);
            report = report with
            {
                Omitted = report.Omitted + report.Breakers.Count - breakers + report.Endpoints.Count - endpoints,
                Breakers = [.. report.Breakers.Take(breakers)],
                Endpoints = [.. report.Endpoints.Take(endpoints)],
            };
        }
    }

    /// <returns>Null if it is unreadable or not credible, or if it says that the instance has ended.</returns>
    public static FleetReport? Read(SharedLedgerEntry entry, TimeProvider time)
    {
        try
        {
            return entry.Text is { Length: <= LongestReport } && JsonSerializer.Deserialize(entry.Text, Json.WrittenReport) is { HasEnded: false } report
                ? Tidy(entry, report, time)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A reason or a name, cut to fit.</summary>
    /// <remarks>Fields that are missing in a report are null, whatever their declaration says.</remarks>
    public static string Shorten(string? text) => OneLine.Of(text ?? "", LongestReason);

    static FleetReport Tidy(SharedLedgerEntry entry, WrittenReport report, TimeProvider time) => new()
    {
        Instance = OneLine.Of(entry.Id, LongestName),
        Host = Shorten(report.Host),
        Version = Shorten(report.Version),
        LibraryVersion = Shorten(report.Library),
        Since = time.GetUtcNow() - entry.Age - Seconds(report.UpSeconds),
        Age = entry.Age,
        IsSilent = entry.Age > 3 * Seconds(report.BeatSeconds),
        Omitted = Math.Max(0, report.Omitted),
        Breakers =
        [
            .. (report.Breakers ?? []).OfType<ReportedBreaker>().Where(breaker => Enum.IsDefined(breaker.State) && Enum.IsDefined(breaker.Mode)).Take(MostEntries)
                .Select(breaker => breaker with { Name = OneLine.Of(breaker.Name, LongestName), Reason = Shorten(breaker.Reason) }),
        ],
        Endpoints =
        [
            .. (report.Endpoints ?? []).OfType<ReportedEndpoint>().Where(endpoint => Enum.IsDefined(endpoint.State)).Take(MostEntries).Select(endpoint => endpoint with
            {
                Name = OneLine.Of(endpoint.Name, LongestName),
                HeldBecause = endpoint.HeldBecause is { } reason ? Shorten(reason) : null,
                HeldBy = endpoint.HeldBy is { } by ? Shorten(by) : null,
            }),
        ],
    };

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(double.IsFinite(seconds) ? Math.Clamp(seconds, 0, LongestUp.TotalSeconds) : 0);
}

/// <summary>A report as it is written.</summary>
sealed record WrittenReport
{
    /// <summary>The version of the format.</summary>
    public int Format { get; init; } = SharedStateConverter.Format;

    /// <summary>Its last report: the instance has stopped.</summary>
    public bool HasEnded { get; init; }

    public string Host { get; init; } = "";

    public string Version { get; init; } = "";

    public string Library { get; init; } = "";

    /// <summary>How long it has been running.</summary>
    public double UpSeconds { get; init; }

    /// <summary>The longest interval between its reports.</summary>
    public double BeatSeconds { get; init; }

    public IReadOnlyList<ReportedBreaker> Breakers { get; init; } = [];

    public IReadOnlyList<ReportedEndpoint> Endpoints { get; init; } = [];

    public int Omitted { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(WrittenReport))]
sealed partial class ReportJson : JsonSerializerContext;
