using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

enum Admitted
{
    No,
    Counted,
    AsProbe,
    Uncounted,
}

/// <summary>
/// What the engine should do, said as plainly as possible: one thread, no buckets, seconds. Its window never forgets, so it holds for
/// sequences shorter than the sampling duration. It does not know how long a break was drawn, and is told after it has said what is allowed.
/// </summary>
sealed class EngineModel(BreakerOptions options)
{
    readonly Dictionary<Permit, double> _probesOut = [];
    BreakerOptions _options = options;
    BreakerOptions _round = options;
    int _total;
    int _failures;
    int _slow;
    int _inARow;
    int _goodProbes;
    int _badProbes;
    int _reopens = -1;
    double _demanded;

    public BreakerState State { get; private set; }

    public BreakerMode Mode { get; private set; }

    public long Generation { get; private set; } = 1;

    /// <summary>When the break or the isolation ends, once it is known.</summary>
    public double? Until { get; set; }

    public int ProbesOut => _probesOut.Count;

    public WindowSnapshot Evidence => State switch
    {
        BreakerState.Closed => new WindowSnapshot(_total, _failures, _slow),
        BreakerState.HalfOpen => new WindowSnapshot(_goodProbes + _badProbes, _badProbes, 0),
        _ => default,
    };

    int Concurrency => _round.ProbeConcurrency ?? _round.Probes;

    int Required => (int)Math.Ceiling(_round.Probes * _round.ProbeSuccessRatio);

    /// <summary>The shortest and the longest that a break which begins now may last, in seconds.</summary>
    public (double Shortest, double Longest) Break
    {
        get
        {
            var first = _options.BreakDuration.TotalSeconds;
            var longest = Math.Min(_options.MaxBreakDuration.TotalSeconds, first * Math.Pow(_options.BreakGrowth, _reopens));
            return (Math.Max(first, _demanded), Math.Max(longest, _demanded));
        }
    }

    public Admitted Admits() => State switch
    {
        BreakerState.Closed => Mode == BreakerMode.Disabled ? Admitted.Uncounted : Admitted.Counted,
        BreakerState.HalfOpen when ProbesOut < Concurrency && ProbesOut + _goodProbes + _badProbes < _round.Probes => Admitted.AsProbe,
        _ => Mode == BreakerMode.Shadow ? Admitted.Uncounted : Admitted.No,
    };

    public void Admit(Permit probe, double now) => _probesOut.Add(probe, now);

    public void Tick(double now)
    {
        if (State is BreakerState.Open or BreakerState.Isolated && Until <= now)
            Move(BreakerState.HalfOpen);
        foreach (var hung in _probesOut.Where(probe => now - probe.Value >= _round.ProbeTimeout.TotalSeconds).ToList())
        {
            _probesOut.Remove(hung.Key);
            _badProbes++;
        }

        JudgeRound();
    }

    public void Finish(Permit permit, Outcome outcome, double seconds)
    {
        if (!permit.IsCounted || permit.Generation != Generation || outcome == Outcome.Ignored)
        {
            _probesOut.Remove(permit);
            return;
        }

        var isSlow = outcome == Outcome.Success && seconds > _options.SlowCallDuration?.TotalSeconds;
        var isGood = outcome == Outcome.Success && !isSlow;
        if (State == BreakerState.Closed)
        {
            Count(outcome == Outcome.Failure, isSlow);
        }
        else if (_probesOut.Remove(permit))
        {
            (_goodProbes, _badProbes) = (_goodProbes + (isGood ? 1 : 0), _badProbes + (isGood ? 0 : 1));
            JudgeRound();
        }
    }

    public void FinishFatally(Permit permit, double demanded)
    {
        if (permit.IsCounted && permit.Generation == Generation && (State == BreakerState.Closed || _probesOut.ContainsKey(permit)))
            Open(demanded);
    }

    public void Trip(double demanded)
    {
        if (Mode != BreakerMode.Disabled && State is BreakerState.Closed or BreakerState.HalfOpen)
            Open(demanded);
    }

    public void Isolate(double? until)
    {
        if (Mode == BreakerMode.Disabled)
            return;
        Move(BreakerState.Isolated);
        Until = until;
    }

    public void Release()
    {
        if (State == BreakerState.Isolated)
            Move(BreakerState.HalfOpen);
    }

    public void Reset() => Move(BreakerState.Closed);

    public void SetMode(BreakerMode mode)
    {
        if (mode == Mode)
            return;
        Mode = mode;
        Move(BreakerState.Closed);
    }

    public void Reconfigure(BreakerOptions options) => _options = options;

    void Count(bool isFailure, bool isSlow)
    {
        _total++;
        _failures += isFailure ? 1 : 0;
        _slow += isSlow ? 1 : 0;
        _inARow = isFailure || isSlow ? _inARow + 1 : 0;
        var isEnough = _total >= _options.MinimumThroughput;
        if (_inARow > 0 && (_inARow >= _options.ConsecutiveFailures
            || (isEnough && (double)_failures / _total >= _options.FailureRatio)
            || (isEnough && (double)_slow / _total >= _options.SlowCallRatio)))
            Open(0);
    }

    void JudgeRound()
    {
        if (State != BreakerState.HalfOpen)
            return;
        if (_goodProbes >= Required)
            Move(BreakerState.Closed);
        else if (_badProbes > _round.Probes - Required)
            Open(0);
    }

    void Open(double demanded)
    {
        _reopens++;
        _demanded = demanded;
        Move(BreakerState.Open);
    }

    void Move(BreakerState to)
    {
        State = to;
        Generation++;
        Until = null;
        _probesOut.Clear();
        (_goodProbes, _badProbes, _inARow, _round) = (0, 0, 0, _options);
        if (to == BreakerState.Closed)
            (_reopens, _total, _failures, _slow) = (-1, 0, 0, 0);
    }
}
