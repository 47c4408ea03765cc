using OutageDrill.Workers;

namespace OutageDrill.Runs;

/// <summary>What one run of one variant came to. Times are in seconds since the first message.</summary>
sealed record RunResult
{
    public required string Scenario { get; init; }

    public required string Variant { get; init; }

    public required int Round { get; init; }

    public required int Published { get; init; }

    public required int DeadLettered { get; init; }

    public required int StillQueued { get; init; }

    /// <summary>Published, and neither handled nor in any queue.</summary>
    public required int Lost { get; init; }

    /// <summary>Successful calls beyond the first of an order.</summary>
    public required int Duplicates { get; init; }

    /// <summary>When the calls began that the dependency received while in trouble.</summary>
    public required IReadOnlyList<double> TroubledCalls { get; init; }

    /// <summary>The median of the calls that each resume sent into the trouble; null if there was no resume.</summary>
    public required double? CallsAfterResume { get; init; }

    public required double? FirstSuccess { get; init; }

    public required double? Drained { get; init; }

    /// <summary>How many messages waited at the recovery; null if it was no more than may be under way at once.</summary>
    public required int? Backlog { get; init; }

    public required Expense Expense { get; init; }

    public required IReadOnlyList<Sample> Samples { get; init; }

    public bool IsHarmless => DeadLettered is 0 && Lost is 0 && Duplicates is 0 && StillQueued is 0;
}
