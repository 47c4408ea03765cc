namespace Messaging.Breaker.Dashboard.Api.DeadLetters;

/// <summary>The queues that are offered, and the ledger.</summary>
sealed record DeadLettersView(IReadOnlyList<DeadLetterSource> Queues, IReadOnlyList<DeadLetterRun> Runs);

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

/// <summary>The body of a request to discard. A file is made in the directory that the host has chosen, and nowhere else.</summary>
sealed record DiscardRequest
{
    public string? Reason { get; init; }

    public string? Group { get; init; }

    public string? ConfirmLossOf { get; init; }
}
