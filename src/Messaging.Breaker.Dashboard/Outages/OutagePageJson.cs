using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Outages;

namespace Messaging.Breaker.Dashboard.Outages;

/// <summary>The JSON of outages, the same in every host.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(OutagesView))]
sealed partial class OutagePageJson : JsonSerializerContext;
