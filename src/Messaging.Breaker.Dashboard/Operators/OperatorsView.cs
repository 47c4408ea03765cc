using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Dashboard.Operators;

/// <summary>The operators' actions, the latest first.</summary>
/// <param name="IsShared">Whether there is a store that keeps the list: without one, there is no list.</param>
/// <param name="Operators">The entries.</param>
/// <param name="Problem">Why the list cannot be read; null if it can.</param>
sealed record OperatorsView(bool IsShared, IReadOnlyList<OperatorEntry> Operators, string? Problem);

/// <summary>The JSON of operators' actions, the same in every host.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(OperatorsView))]
sealed partial class OperatorPageJson : JsonSerializerContext;
