using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Outages;

/// <summary>One outage as this instance sees it. Guarded by the lock of the <see cref="OutageTracker"/>.</summary>
sealed class OutageRecord(CircuitBreaker breaker, Transition began)
{
    const int MostQueues = 20;

    readonly Figures _before = Figures.Of(breaker);
    readonly Dictionary<string, Course> _queues = [];
    Figures? _atEnd;
    Ramp? _ramp;

    public CircuitBreaker Breaker => breaker;

    public string Name => breaker.Name;

    /// <summary>The fleet's id for it; null until that is known.</summary>
    public string? Id { get; set; }

    /// <summary>This instance reports it.</summary>
    public bool IsOurs { get; set; }

    /// <summary>Whether this or another instance has reported it.</summary>
    public bool IsReported { get; set; }

    public DateTimeOffset Began { get; set; } = began.At;

    public bool BeganEarlier { get; set; }

    public Transition? End { get; private set; }

    public int Reopens { get; set; }

    public TimeSpan? LongestWait { get; private set; }

    public TimeSpan? DrainedIn { get; private set; }

    public OutageDrain Drain { get; private set; } = OutageDrain.UnderWay;

    /// <summary>Whether nothing in it will change any more.</summary>
    public bool IsFinal => End is not null && Drain != OutageDrain.UnderWay;

    /// <summary>Whether this instance has something to add to it.</summary>
    public bool HasCounts => Now() is var now && (now.Calls, now.Refused, now.Returned) != (0, 0, 0);

    /// <summary>How many messages waited before it began.</summary>
    public void Seed(string queue, long ready) => _queues.TryAdd(queue, new Course(ready) { Most = ready });

    public void Close(Transition end)
    {
        (End, _atEnd, _ramp) = (end, Figures.Of(breaker), breaker.Ramp);
        if (_ramp is null && _queues.Count == 0)
            Drain = OutageDrain.Unknown;
    }

    /// <summary>The fleet did not agree to the close.</summary>
    public void GoOn() => (End, _atEnd, DrainedIn, Drain) = (null, null, null, OutageDrain.UnderWay);

    /// <param name="queue">A queue of an endpoint that the breaker guards.</param>
    /// <param name="ready">How many messages wait.</param>
    /// <param name="age">How long the oldest has waited.</param>
    /// <param name="at">When that was.</param>
    public void Observe(string queue, long ready, TimeSpan age, DateTimeOffset at)
    {
        if (IsFinal || at < Began)
            return;
        if (!_queues.TryGetValue(queue, out var course))
            _queues.Add(queue, course = new Course(null));
        course.Most = Math.Max(course.Most, ready);
        if (End is { } end && at > end.At && ready <= (course.Before ?? 0))
            course.BackAt ??= at;
        else
            course.BackAt = null;
        if (age > (LongestWait ?? TimeSpan.MinValue))
            LongestWait = age;
    }

    /// <summary>Checks whether the backlog is gone.</summary>
    public void Look(DateTimeOffset now, TimeSpan patience)
    {
        if (End is not { } end || IsFinal)
            return;
        if (_queues.Count > 0 ? _queues.Values.All(course => course.BackAt is not null) && IsFree(breaker.Ramp) : breaker.Ramp?.IsQuiet(breaker.Now) != false)
            Finish(_queues.Count > 0 ? OutageDrain.Queues : OutageDrain.Ramp, DrainedAt(end.At, now) - end.At);
        else if (now - end.At >= patience)
            Finish(OutageDrain.TooLong, null);
    }

    /// <summary>
    /// Messages that were taken from the queues no longer wait. The ramp may still make messages that arrive in bursts wait for a moment, as
    /// long as there are bursts: that is not a backlog.
    /// </summary>
    bool IsFree(Ramp? ramp) => ramp?.IsFree(breaker.Now, breaker.Clock.Second) != false;

    /// <summary>That no message has to wait any more is known only some time later.</summary>
    DateTimeOffset DrainedAt(DateTimeOffset ended, DateTimeOffset now) => _queues.Values.Select(course => course.BackAt ?? now)
        .Append(_ramp is null ? ended : now - breaker.Clock.GetElapsedSince(_ramp.WaitedUntil))
        .Append(ended)
        .Max();

    public void Finish(OutageDrain drain, TimeSpan? drainedIn) => (Drain, DrainedIn) = (drain, drainedIn);

    /// <summary>Null while it lasts.</summary>
    public OutageReport? ToReport(string instance) => End is not { } end ? null : ToReport(instance, end.At) with
    {
        EndReason = end.Reason,
        EndCause = end.Cause,
    };

    /// <summary>The report as if the outage had ended now.</summary>
    public OutageReport ToReport(string instance, DateTimeOffset ended)
    {
        var now = Now();
        return new OutageReport
        {
            Id = Id ?? "",
            Breaker = breaker.Name,
            Instance = instance,
            Began = Began,
            BeganEarlier = BeganEarlier,
            Ended = ended,
            Reason = began.Reason,
            Cause = began.Cause,
            Reopens = Reopens,
            Calls = now.Calls,
            FailedCalls = now.Failed,
            RefusedCalls = now.Refused,
            Returned = now.Returned,
            Queues =
            [
                .. _queues.OrderByDescending(queue => queue.Value.Most).ThenBy(queue => queue.Key, StringComparer.Ordinal).Take(MostQueues)
                    .Select(queue => new OutageBacklog { Queue = queue.Key, WaitingBefore = queue.Value.Before, MostWaiting = queue.Value.Most }),
            ],
            LongestWait = LongestWait,
            DrainedIn = DrainedIn,
            Drain = Drain,
        };
    }

    Figures Now() => (_atEnd ?? Figures.Of(breaker)).Since(_before);

    sealed class Course(long? before)
    {
        public long? Before => before;

        public long Most { get; set; }

        /// <summary>Since when no more messages wait than before; null while more do.</summary>
        public DateTimeOffset? BackAt { get; set; }
    }

    readonly record struct Figures(long Calls, long Failed, long Refused, long Returned)
    {
        public static Figures Of(CircuitBreaker breaker) => breaker.Counts is var counts
            ? new Figures(counts.Probes, counts.FailedProbes, breaker.RefusedCalls, breaker.Returned) : default;

        public Figures Since(Figures before) => new(Calls - before.Calls, Failed - before.Failed, Refused - before.Refused, Returned - before.Returned);
    }
}
