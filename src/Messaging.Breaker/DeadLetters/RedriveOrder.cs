using System.Globalization;

namespace Messaging.Breaker;

/// <summary>Which messages to redrive, and how fast.</summary>
public sealed record RedriveOrder : DeadLetterSelection
{
    /// <summary>
    /// The highest number of messages that may wait in the target queue. No message is moved while that many wait. From 1 to 100,000;
    /// default 100: enough to keep an endpoint busy, and few enough that new messages do not wait behind an old backlog.
    /// </summary>
    public int MaxWaiting { get; init; } = 100;

    /// <summary>The highest number of messages a second. Positive; default null: as fast as the endpoint handles them.</summary>
    public double? Rate { get; init; }

    /// <summary>
    /// The run stops when more than this share of the moved messages has failed again, once at least ten have been moved. From 0 to 1;
    /// default 0.5. With 1, it never stops for this reason.
    /// </summary>
    public double FailedShare { get; init; } = 0.5;

    /// <summary>
    /// How long the run waits for a breaker to close, or for a broker to come back, before it gives up. From 1 s to 30 days; default 1
    /// hour.
    /// </summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromHours(1);

    internal void Check()
    {
        Demand(MaxWaiting is >= 1 and <= 100_000, nameof(MaxWaiting), MaxWaiting, "must be from 1 to 100,000");
        Demand(Rate is null or (> 0 and < double.PositiveInfinity), nameof(Rate), Rate, "must be positive; leave it null for no limit");
        Demand(FailedShare is >= 0 and <= 1, nameof(FailedShare), FailedShare, "must be from 0 (one of the first ten is too many) to 1 (never stop)");
        Demand(LongestPause >= TimeSpan.FromSeconds(1) && LongestPause <= TimeSpan.FromDays(30), nameof(LongestPause), LongestPause, "must be from 1 second to 30 days");
    }

    static void Demand(bool holds, string option, object? value, string demand)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{nameof(RedriveOrder)}: {option} is {value}: {demand}."), option);
    }
}
