using OutageDrill.Workers;

namespace OutageDrill.Runs;

/// <summary>The result of one run of one variant. Times are in seconds since the first message.</summary>
sealed record RunResult
{
    public required string Scenario { get; init; }

    public required string Variant { get; init; }

    public required int Round { get; init; }

    public required int Published { get; init; }

    public required int DeadLettered { get; init; }

    public required int StillQueued { get; init; }

    /// <summary>Messages that were published and are neither handled nor in any queue.</summary>
    public required int Lost { get; init; }

    /// <summary>Successful calls for an order beyond the first.</summary>
    public required int Duplicates { get; init; }

    /// <summary>When the calls began that the dependency received while it was in trouble.</summary>
    public required IReadOnlyList<double> TroubledCalls { get; init; }

    /// <summary>The median number of calls that a resume sent into the trouble; null if there was no resume.</summary>
    public required double? CallsAfterResume { get; init; }

    public required double? FirstSuccess { get; init; }

    public required double? Drained { get; init; }

    /// <summary>How many messages waited at the recovery; null if they were no more than can be under way at once.</summary>
    public required int? Backlog { get; init; }

    public required Expense Expense { get; init; }

    public required IReadOnlyList<Sample> Samples { get; init; }

    public bool IsHarmless => DeadLettered is 0 && Lost is 0 && Duplicates is 0 && StillQueued is 0;
}
