namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// How the queue of an endpoint's failed messages grows. A look or a redrive takes its messages out of the queue for a while, and their return
/// is not growth. So growth counts only as far as this process has seen messages fail.
/// </summary>
sealed class ErrorWatch(string queue)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>The beginning of the window: the highest of these samples, because one may have been taken during a look.</summary>
    const int ShareOfBeginning = 10;
    static readonly TimeSpan Step = Window / 100;

    readonly List<Sample> _samples = [];
    DateTimeOffset _openAt = DateTimeOffset.MinValue;
    DependencyState? _open;

    public string Queue => queue;

    /// <summary>How many messages wait there.</summary>
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
