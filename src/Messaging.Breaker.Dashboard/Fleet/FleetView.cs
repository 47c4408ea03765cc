using System.Text.Json;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.Dashboard.Fleet;

/// <summary>The fleet as the page shows it.</summary>
sealed record FleetView
{
    /// <summary>Whether a store is shared; otherwise there is nothing to show.</summary>
    public required bool IsShared { get; init; }

    /// <summary>Why the instances' reports cannot be read; null if they can.</summary>
    public string? Problem { get; init; }

    public IReadOnlyList<FleetReport> Instances { get; init; } = [];

    public IReadOnlyList<FleetBreaker> Breakers { get; init; } = [];
}

/// <summary>What the reporting instances say about one breaker.</summary>
/// <param name="Name">The breaker's name.</param>
/// <param name="States">How many instances have it in each state.</param>
/// <param name="Probing">The instances that probe.</param>
/// <param name="Disagreeing">The instances that differ from most of the others.</param>
/// <param name="Calls">The outcomes that all of them have counted.</param>
/// <param name="FailedCalls">How many of them failed.</param>
sealed record FleetBreaker(
    string Name, IReadOnlyDictionary<BreakerState, int> States, IReadOnlyList<string> Probing, IReadOnlyList<string> Disagreeing, long Calls, long FailedCalls);

/// <summary>The JSON of the fleet, the same in every host.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(FleetView))]
sealed partial class FleetJson : JsonSerializerContext;
