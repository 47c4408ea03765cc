using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Dashboard.Api;
using Messaging.Breaker.Dashboard.Api.DeadLetters;

namespace Messaging.Breaker.Dashboard.State;

/// <summary>The JSON of the API, the same in every host: the host's own JSON options do not change it.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.Strict,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DashboardState))]
[JsonSerializable(typeof(EndpointView))]
[JsonSerializable(typeof(KeysView))]
[JsonSerializable(typeof(HistoryView))]
[JsonSerializable(typeof(TimelineEntry))]
[JsonSerializable(typeof(SteeringRequest))]
[JsonSerializable(typeof(SteeringToken))]
[JsonSerializable(typeof(DeadLettersView))]
[JsonSerializable(typeof(DeadLetterReport))]
[JsonSerializable(typeof(RedriveRequest))]
[JsonSerializable(typeof(DiscardRequest))]
sealed partial class DashboardJson : JsonSerializerContext;

/// <summary>The recent history.</summary>
sealed record HistoryView(HistoryColumns Samples, IReadOnlyList<TimelineEntry> Timeline);
