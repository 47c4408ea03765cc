using System.Text.Json;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.Dashboard.Windows;

/// <summary>The current and coming windows, each at its next time.</summary>
sealed record WindowsView(IReadOnlyList<PlannedWindow> Windows);

/// <summary>The body of a request to plan a window. Without a start it begins at once.</summary>
sealed record WindowRequest
{
    public string? Breaker { get; init; }

    public string? Endpoint { get; init; }

    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public double? DurationSeconds { get; init; }

    public string? Reason { get; init; }
}

/// <summary>The JSON of windows, the same in every host.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.Strict, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(WindowsView))]
[JsonSerializable(typeof(WindowRequest))]
sealed partial class WindowPageJson : JsonSerializerContext;
