namespace Messaging.Breaker.Dashboard.Api.DeadLetters;

/// <summary>The available queues, and the ledger.</summary>
/// <param name="Queues">The queues.</param>
/// <param name="Runs">Redrives and discards, the latest first.</param>
/// <param name="Trips">Trips of breakers, the latest first.</param>
/// <param name="Problem">Why the entries of other instances are missing; null if they are not.</param>
/// <param name="Here">The runs in progress on the instance that answers: only these can be cancelled here.</param>
sealed record DeadLettersView(
    IReadOnlyList<DeadLetterSource> Queues, IReadOnlyList<DeadLetterRun> Runs, IReadOnlyList<DeadLetterTrip> Trips, string? Problem, IReadOnlyList<Guid> Here);

/// <summary>The body of a request to redrive.</summary>
sealed record RedriveRequest
{
    public string? Reason { get; init; }

    public string? Group { get; init; }

    public IReadOnlyList<string>? Messages { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? Until { get; init; }

    public int? MaxWaiting { get; init; }

    public double? Rate { get; init; }

    public double? FailedShare { get; init; }
}

/// <summary>The body of a request to discard. A file is created only in the directory that the host has chosen.</summary>
sealed record DiscardRequest
{
    public string? Reason { get; init; }

    public string? Group { get; init; }

    public string? ConfirmLossOf { get; init; }
}
