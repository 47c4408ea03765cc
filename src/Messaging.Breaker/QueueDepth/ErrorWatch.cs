namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// How the queue grows into which an endpoint's failed messages go. Whoever looks at it or redrives it takes its messages in hand for a while, and
/// when they are back it has not grown: so only what this process has seen fail, too, counts as growth.
/// </summary>
sealed class ErrorWatch(string queue)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>Of the samples of the window these are its beginning: the most of them, since one may have been taken while somebody looked.</summary>
    const int ShareOfBeginning = 10;
    static readonly TimeSpan Step = Window / 100;

    readonly List<Sample> _samples = [];
    DateTimeOffset _openAt = DateTimeOffset.MinValue;
    DependencyState? _open;

    public string Queue => queue;

    /// <summary>Messages that wait there.</summary>
    public long Waiting { get; private set; }

    /// <summary>How many more there are than at the beginning of the window; null if this process has seen none fail since.</summary>
    public double? Growth { get; private set; }

    /// <summary>The most frequent kind, in words.</summary>
    public string? Largest { get; private set; }

    /// <summary>A breaker of the endpoint that was not closed within the window.</summary>
    public DependencyState? Open(DateTimeOffset now) => now - _openAt <= Window ? _open : null;

    public void Observe(long waiting, long seen, string? largest, DependencyState? cause, DateTimeOffset at)
    {
        (Waiting, Largest) = (waiting, largest);
        if (cause is not null)
            (_open, _openAt) = (cause, at);
        _samples.RemoveAll(sample => at - sample.At > Window);
        Growth = _samples is [var first, ..] && seen > first.Seen
            ? waiting - _samples.Take(Math.Max(1, _samples.Count / ShareOfBeginning)).Max(sample => sample.Waiting)
            : null;
        if (_samples.Count == 0 || at - _samples[^1].At >= Step)
            _samples.Add(new Sample(at, waiting, seen));
    }

    readonly record struct Sample(DateTimeOffset At, long Waiting, long Seen);
}
