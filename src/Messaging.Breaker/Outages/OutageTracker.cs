using System.Globalization;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Outages;

/// <summary>
/// The outages of this process's breakers: those in progress, and those that have ended but not been reported. In a fleet an outage is
/// identified by the version of the state that ended it, which is the same for every instance that learns of it. Thread-safe; never waits.
/// </summary>
sealed class OutageTracker : IFleetListener
{
    const int MostReports = 200;
    const int MostQueues = 10_000;
    const int LongestId = 100;

    /// <summary>A queue without a sample for longer than this is no longer watched.</summary>
    static readonly TimeSpan LongestKnown = TimeSpan.FromMinutes(15);

    readonly BreakerRegistry _breakers;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    readonly Dictionary<string, OutageRecord> _lasting = new(StringComparer.OrdinalIgnoreCase);
    readonly LinkedList<OutageRecord> _over = [];
    readonly Dictionary<string, (long Version, bool IsOurs)> _closedByFleet = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, Sample> _samples = [];

    public OutageTracker(BreakerRegistry breakers, TimeProvider time)
    {
        (_breakers, _time) = (breakers, time);
        breakers.Listen(Note);
    }

    /// <summary>Raised when one begins or ends.</summary>
    public AsyncSignal Changed { get; } = new();

    /// <summary>The outages that have ended, the latest first.</summary>
    public IReadOnlyList<OutageRecord> Over
    {
        get
        {
            lock (_lock)
                return [.. _over];
        }
    }

    /// <summary>Applies an action to data that may be changing.</summary>
    public T Read<T>(Func<T> read)
    {
        lock (_lock)
            return read();
    }

    /// <summary>The current figures of a breaker's outage in progress, or of its latest one; null if there was none.</summary>
    public OngoingOutage? Find(string breaker)
    {
        lock (_lock)
            return _lasting.TryGetValue(breaker, out var lasting) ? new OngoingOutage(lasting.ToReport("", _time.GetUtcNow()), IsOver: false)
                : _over.FirstOrDefault(over => string.Equals(over.Name, breaker, StringComparison.OrdinalIgnoreCase))?.ToReport("") is { } report ? new OngoingOutage(report, IsOver: true)
                : null;
    }

    /// <summary>A queue was sampled.</summary>
    public void Observe(string queue, IReadOnlyList<string> breakers, long ready, TimeSpan age, DateTimeOffset at)
    {
        lock (_lock)
        {
            foreach (var record in _lasting.Values.Concat(_over.Where(over => !over.IsFinal)))
                if (breakers.Contains(record.Name, StringComparer.OrdinalIgnoreCase))
                    record.Observe(queue, ready, age, at);
            if (_samples.Count < MostQueues || _samples.ContainsKey(queue))
                _samples[queue] = new Sample(breakers, ready, at);
        }
    }

    /// <inheritdoc/>
    public void Followed(string breaker, SharedBreakerState? before, SharedBreakerState state, bool isOurs)
    {
        lock (_lock)
        {
            if (state.State == BreakerState.Closed)
            {
                _closedByFleet[breaker] = (state.Version, isOurs);
                if (_over.FirstOrDefault(over => IsOf(over, breaker)) is { Id: null } closed)
                    Name(closed);
                return;
            }

            if (!_lasting.TryGetValue(breaker, out var record))
                return;
            // While another instance probes, this one stays open and sees no transition.
            if (!isOurs && state.State == BreakerState.Open && (before?.State == BreakerState.HalfOpen || state.Cause is TransitionCause.ProbesFailed))
                record.Reopens++;
            if (before is null && _time.GetUtcNow() - state.Age is var since && since < record.Began)
                record.Began = since;
            record.BeganEarlier |= before is null && state.Cause is TransitionCause.ProbesFailed or TransitionCause.BreakElapsed or TransitionCause.IsolationExpired;
        }
    }

    /// <summary>Identifies an outage that the fleet does not know of, or will not be told of soon.</summary>
    public void NameAlone(OutageRecord record, string instance)
    {
        lock (_lock)
            (record.Id, record.IsOurs) = (Shorten(string.Create(
                CultureInfo.InvariantCulture, $"{record.End!.At.ToUnixTimeMilliseconds()}-{instance}-{record.Name}")), true);
    }

    void Note(Transition transition)
    {
        if (_breakers.Find(transition.Breaker) is not { } breaker)
            return;
        lock (_lock)
        {
            if (_lasting.TryGetValue(transition.Breaker, out var record))
                Continue(record, transition);
            else if (transition is { Mode: BreakerMode.Enforcing, To: not BreakerState.Closed })
                Begin(breaker, transition);
            else
                return;
        }

        Changed.Raise();
    }

    void Begin(CircuitBreaker breaker, Transition transition)
    {
        if (_over.FirstOrDefault(over => IsOf(over, transition.Breaker)) is { } last)
        {
            if (last.Id is null && transition.IsFleets)
            {
                last.GoOn();
                _over.Remove(last);
                _lasting.Add(transition.Breaker, last);
                return;
            }

            if (!last.IsFinal)
                last.Finish(OutageDrain.NextOutage, null);
        }

        _closedByFleet.Remove(transition.Breaker);
        var record = new OutageRecord(breaker, transition);
        foreach (var (queue, sample) in _samples)
            if (transition.At - sample.At < LongestKnown && sample.Breakers.Contains(breaker.Name, StringComparer.OrdinalIgnoreCase))
                record.Seed(queue, sample.Ready);
        _lasting.Add(transition.Breaker, record);
    }

    void Continue(OutageRecord record, Transition transition)
    {
        if (transition is { To: BreakerState.Open, From: BreakerState.HalfOpen, Instance: null, IsFleets: false })
            record.Reopens++;
        if (transition.To != BreakerState.Closed && transition.Mode == BreakerMode.Enforcing)
            return;
        record.Close(transition);
        _lasting.Remove(transition.Breaker);
        _over.AddFirst(record);
        if (_over.Count > MostReports)
            _over.RemoveLast();
        if (transition.IsFleets && _closedByFleet.ContainsKey(record.Name))
            Name(record);
    }

    void Name(OutageRecord record)
    {
        var (version, isOurs) = _closedByFleet[record.Name];
        (record.Id, record.IsOurs) = (Shorten(string.Create(CultureInfo.InvariantCulture, $"{version}-{FleetBreaker.SharedName(record.Name)}")), isOurs);
        _closedByFleet.Remove(record.Name);
        Changed.Raise();
    }

    static bool IsOf(OutageRecord record, string breaker) => string.Equals(record.Name, breaker, StringComparison.OrdinalIgnoreCase);

    readonly record struct Sample(IReadOnlyList<string> Breakers, long Ready, DateTimeOffset At);

    static string Shorten(string id) => id.Length <= LongestId ? id : id[..LongestId];
}

/// <summary>An outage in progress, as far as it is known, or the latest one.</summary>
readonly record struct OngoingOutage(OutageReport Report, bool IsOver);
