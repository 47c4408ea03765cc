using System.Globalization;

namespace Messaging.Breaker;

/// <summary>What is to be redriven, and how fast.</summary>
public sealed record RedriveOrder : DeadLetterSelection
{
    /// <summary>
    /// The most messages that may wait in the queue to which they go: none is moved while so many wait there. From 1 to 100,000; default 100: enough
    /// to keep an endpoint busy, few enough that what is sent meanwhile does not wait behind an old backlog.
    /// </summary>
    public int MaxWaiting { get; init; } = 100;

    /// <summary>The most messages a second. Positive; default null: as fast as the endpoint handles them.</summary>
    public double? Rate { get; init; }

    /// <summary>
    /// The run stops when more than this share of the messages that it moved, of at least ten, has failed again. From 0 to 1; default 0.5. With 1 it
    /// never stops for that.
    /// </summary>
    public double FailedShare { get; init; } = 0.5;

    /// <summary>How long the run waits for a breaker to close, or for a broker to come back, before it gives up. From 1 s to 30 days; default 1 hour.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromHours(1);

    internal void Check()
    {
        Demand(MaxWaiting is >= 1 and <= 100_000, nameof(MaxWaiting), MaxWaiting, "must be from 1 to 100,000");
        Demand(Rate is null or (> 0 and < double.PositiveInfinity), nameof(Rate), Rate, "must be positive; leave it null for no limit");
        Demand(FailedShare is >= 0 and <= 1, nameof(FailedShare), FailedShare, "must be from 0 (one of ten is too many) to 1 (never stop)");
        Demand(LongestPause >= TimeSpan.FromSeconds(1) && LongestPause <= TimeSpan.FromDays(30), nameof(LongestPause), LongestPause, "must be from 1 second to 30 days");
    }

    static void Demand(bool holds, string option, object? value, string demand)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{nameof(RedriveOrder)}: {option} is {value}: {demand}."), option);
    }
}
