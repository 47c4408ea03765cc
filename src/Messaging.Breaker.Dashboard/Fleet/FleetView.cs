using System.Text.Json;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.Dashboard.Fleet;

/// <summary>The fleet as the page shows it.</summary>
sealed record FleetView
{
    /// <summary>Whether a store is shared; otherwise there is nothing to show.</summary>
    public required bool IsShared { get; init; }

    /// <summary>Why what the instances say cannot be read; null if it can.</summary>
    public string? Problem { get; init; }

    public IReadOnlyList<FleetReport> Instances { get; init; } = [];

    public IReadOnlyList<FleetBreaker> Breakers { get; init; } = [];
}

/// <summary>What the instances that are heard of say of one breaker.</summary>
/// <param name="Name">The breaker's name.</param>
/// <param name="States">In how many instances it is in each state.</param>
/// <param name="Probing">Those that probe.</param>
/// <param name="Disagreeing">Those that say something else than most do.</param>
/// <param name="Calls">Outcomes that all of them have counted.</param>
/// <param name="FailedCalls">Those that failed.</param>
sealed record FleetBreaker(
    string Name, IReadOnlyDictionary<BreakerState, int> States, IReadOnlyList<string> Probing, IReadOnlyList<string> Disagreeing, long Calls, long FailedCalls);

/// <summary>The JSON of the fleet, the same in every host.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(FleetView))]
sealed partial class FleetJson : JsonSerializerContext;
