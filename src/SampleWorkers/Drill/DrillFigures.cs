using System.Text.Json;
using System.Text.Json.Serialization;

namespace SampleWorkers.Drill;

/// <summary>The figures of a drill. The first eighteen are the measure of our promises. A figure that could not be read is null.</summary>
sealed record DrillFigures
{
    static readonly JsonSerializerOptions Camel = new(JsonSerializerDefaults.Web);

    public required int Published { get; init; }

    public required int Handled { get; init; }

    public required long Duplicates { get; init; }

    public required int DeadLettered { get; init; }

    public required int Skipped { get; init; }

    public required long FaultsPublished { get; init; }

    public required int Lost { get; init; }

    public required long CallsWhileDown { get; init; }

    public required long CallsBeforeTrip { get; init; }

    public required long Probes { get; init; }

    public required int Trips { get; init; }

    public required long? ConsumersWhileOpen { get; init; }

    public required long? UnackedWhileOpen { get; init; }

    public required int? ProbePrefetch { get; init; }

    public required long? FirstSuccessAfterRecoveryMs { get; init; }

    public required long? DrainedAfterRecoveryMs { get; init; }

    public required int LogLinesWhileOpen { get; init; }

    public required string EngineState { get; init; }

    public required int Instances { get; init; }

    public required int Rounds { get; init; }

    public required int MaxProbesPerRound { get; init; }

    public required int Reopens { get; init; }

    public required long RestOfBreakMs { get; init; }

    public required int StillQueued { get; init; }

    public required long Receipts { get; init; }

    public required int RoundsAfterRecovery { get; init; }

    public required int Poison { get; init; }

    public required int PoisonDeadLettered { get; init; }

    public required int PoisonCallsAfterRecovery { get; init; }

    public required long? PoisonLastCallAfterRecoveryMs { get; init; }

    public required long? TripAfterFirstCallMs { get; init; }

    public required long? QuietAfterMs { get; init; }

    /// <summary>Poisoned orders that were moved back; null without a redrive.</summary>
    public required long? Redriven { get; init; }

    public required long? FailedAgain { get; init; }

    public required long? RedriveMs { get; init; }

    /// <summary>How often the redrive had to wait.</summary>
    public required int? RedrivePauses { get; init; }

    /// <summary>Calls while payments was down again; null if it was not.</summary>
    public required long? RelapseCalls { get; init; }

    /// <summary>Orders that the second region charged; null if there is none.</summary>
    public required int? HandledBySecond { get; init; }

    /// <summary>Orders that the first region charged after its recovery; null if there is no second.</summary>
    public required int? HandledByFirstAgain { get; init; }

    /// <summary>How often the endpoint stopped running, however briefly; null where that could not be seen.</summary>
    public required int? Pauses { get; init; }

    /// <summary>The time from publishing to charging before the outage, for orders of merchants that are not down in it; null without keys.</summary>
    public double? HealthyKeysP99BeforeMs { get; init; }

    /// <summary>The same during the outage.</summary>
    public double? HealthyKeysP99DuringMs { get; init; }

    /// <summary>The most calls during the outage for any one merchant that is down.</summary>
    public int? CallsWhileDownPerKey { get; init; }

    /// <summary>The most orders seen in the queues of merchants at once.</summary>
    public long? ParkedMax { get; init; }

    /// <summary>Orders whose charging ended before that of an earlier one of the same merchant began.</summary>
    public int? OrderViolations { get; init; }

    /// <summary>Queues of merchants that still exist.</summary>
    public int? ParkingQueuesLeft { get; init; }

    public required int Republished { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    [JsonIgnore]
    public bool Succeeded => DeadLettered is 0 && Skipped is 0 && Lost is 0 && StillQueued is 0
        && (HandledBySecond is null || Pauses is null or 0)
        && OrderViolations is null or 0 && ParkingQueuesLeft is null or 0
        && (Redriven is null ? PoisonDeadLettered == Poison : Redriven == Poison && PoisonDeadLettered is 0 && Handled == Published);

    public string ToJson() => JsonSerializer.Serialize(this, Camel);
}
