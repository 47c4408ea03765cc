using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Messaging.Breaker.Outages;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>The JSON that pages return and that <c>--json</c> prints: the same names, with enumerations by name.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(FleetView))]
[JsonSerializable(typeof(KeysView))]
[JsonSerializable(typeof(IReadOnlyList<KeysView>))]
[JsonSerializable(typeof(IReadOnlyList<FleetReport>))]
[JsonSerializable(typeof(PageState))]
[JsonSerializable(typeof(PageToken))]
[JsonSerializable(typeof(PageProblem))]
[JsonSerializable(typeof(OutagesView))]
[JsonSerializable(typeof(DeadLettersView))]
[JsonSerializable(typeof(DeadLetterReport))]
[JsonSerializable(typeof(DeadLetterRun))]
[JsonSerializable(typeof(JsonObject))]
sealed partial class CliJson : JsonSerializerContext;

/// <summary>For printing: escapes only what it must, because it goes to a terminal or a file, and never into a page.</summary>
static class CliFormat
{
    public static CliJson Printed { get; } = new(new JsonSerializerOptions(CliJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static JsonSerializerOptions Indented { get; } = new(CliJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };
}

/// <summary>The page's answer to api/state.</summary>
sealed record PageState(
    string Service,
    string Instance,
    DateTimeOffset At,
    bool QueuesAreWatched,
    IReadOnlyList<PageBreaker> Breakers,
    IReadOnlyList<PageOutage> Outages,
    IReadOnlyList<EndpointView> Endpoints,
    IReadOnlyList<QueueView> OtherQueues,
    IReadOnlyList<AlertView> Alerts)
{
    /// <summary>Null on a page of an earlier version.</summary>
    public IReadOnlyList<KeysView>? Keys { get; init; }
}

sealed record PageBreaker(
    string Name, string State, string Mode, string Reason, DateTimeOffset Since, DateTimeOffset? NextProbeAt, int? RampLimit, long Calls, long FailedCalls);

sealed record PageOutage(string Breaker, DateTimeOffset Since, string Reason);

sealed record PageToken(string Header, string Token);

sealed record PageProblem(string? Title, string? Detail, string? Type);
