namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// Rates and forecasts of one queue, from its samples. The depth is used first: while there are no consumers, its rise is the arrival rate.
/// While the queue is consumed, its rise is the arrival rate minus what the whole fleet handles, whatever this instance's share. The broker
/// reports how much is handled, if it can. Otherwise this instance's own count is used, on the assumption that every other consumer handles as
/// much.
/// </summary>
sealed class QueueForecast(TimeSpan smoothing, TimeSpan longestGap)
{
    static readonly TimeSpan Never = TimeSpan.FromDays(365);

    readonly DecayingMean _arrival = new(smoothing);
    readonly DecayingMean _service = new(smoothing);
    readonly DecayingMean _capacity = new(smoothing);
    readonly DecayingMean _rise = new(smoothing);
    Sample? _last;
    DateTimeOffset _settledAt;

    public double? ArrivalRate => _arrival.Value;

    /// <summary>Messages handled per second while the queue is consumed; while it is paused, the rate from before.</summary>
    public double? ServiceRate => _service.Value;

    /// <summary>By how many messages per second the queue has grown since it was last paused or resumed.</summary>
    public double? Growth => _rise.Value;

    /// <summary>How long the oldest message has waited; an upper limit unless messages say when they were published.</summary>
    public TimeSpan Age { get; private set; }

    public TimeSpan? TimeUntilDrained
    {
        get
        {
            if (_last is not { } now)
                return null;
            if (now.Ready == 0)
                return TimeSpan.Zero;
            var fall = now.Activity == QueueActivity.Running && _rise.Value is { } rise ? -rise : _capacity.Value - _arrival.Value;
            return After(now.Ready / fall);
        }
    }

    public void Observe(QueueReading reading, QueueActivity activity, long? handled, DateTimeOffset at)
    {
        var now = new Sample(at, activity, reading.Ready, handled);
        if (_last is { } before && at > before.At && at - before.At <= longestGap && before.Activity == activity)
            Measure(before, now, reading);
        else
        {
            _rise.Reset();
            _settledAt = at;
        }

        Age = AgeOf(reading, now);
        _last = now;
    }

    /// <summary>How long until messages are lost if nothing is handled from now on.</summary>
    public TimeSpan? TimeUntilLoss(QueueLimits limits) => UntilLoss(limits, _arrival.Value);

    /// <summary>How long until messages are lost at the current rates.</summary>
    public TimeSpan? TimeUntilExpectedLoss(QueueLimits limits) => _last?.Activity switch
    {
        QueueActivity.Running => Growth > 0 ? UntilLoss(limits, Growth) : null,
        _ => UntilLoss(limits, _arrival.Value),
    };

    void Measure(Sample before, Sample now, QueueReading reading)
    {
        var interval = now.At - before.At;
        var rise = (now.Ready - before.Ready) / interval.TotalSeconds;
        if (now.Activity == QueueActivity.Unsettled)
            return;
        // The latest third of the time since a resumption counts most, because concurrency ramps up.
        _rise.Add(rise, interval, (now.At - _settledAt) / 3);
        if (now.Activity == QueueActivity.Paused)
        {
            // Messages that leave a paused queue, for example by a time to live, were not handled.
            _arrival.Add(Math.Max(0, rise), interval);
            return;
        }

        var share = (now.Handled - before.Handled) / interval.TotalSeconds;
        if (reading.ServiceRate is { } told)
            AddService(told);
        else if (share is { } ours)
            AddService(ours * Math.Max(1, reading.Consumers));
        if ((reading.ArrivalRate ?? (rise + (share * Math.Max(1, reading.Consumers)))) is { } arrival)
            _arrival.Add(Math.Max(0, arrival), interval);

        void AddService(double rate)
        {
            _service.Add(rate, interval);
            // Consumers of an empty queue handle what arrives, which says nothing about how much they could handle.
            if (before.Ready > 0 && now.Ready > 0)
                _capacity.Add(rate, interval);
        }
    }

    /// <summary>
    /// First come, first served: the waiting messages arrived in the time that their number takes to arrive, or since the queue was last empty.
    /// </summary>
    TimeSpan AgeOf(QueueReading reading, Sample now)
    {
        if (reading.Ready == 0)
            return TimeSpan.Zero;
        if (reading.OldestAt is { } oldest && oldest <= now.At)
            return now.At - oldest;
        var age = _last is { } before ? Age + (now.At - before.At) : TimeSpan.Zero;
        return now.Activity == QueueActivity.Running && After(now.Ready / _arrival.Value) is { } span && span < age ? span : age;
    }

    TimeSpan? UntilLoss(QueueLimits limits, double? rise)
    {
        if (_last is not { } now)
            return null;
        var byLength = limits.MaxLength is { } length ? After(Math.Max(0, length - now.Ready) / rise) : null;
        var byAge = limits.TimeToLive is { } life && now.Ready > 0 ? Max(life - Age, TimeSpan.Zero) : (TimeSpan?)null;
        return byLength is { } one && byAge is { } other ? Min(one, other) : byLength ?? byAge;
    }

    static TimeSpan? After(double? seconds) => seconds >= 0 && seconds < Never.TotalSeconds ? TimeSpan.FromSeconds(seconds.Value) : null;

    static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    readonly record struct Sample(DateTimeOffset At, QueueActivity Activity, long Ready, long? Handled);
}
