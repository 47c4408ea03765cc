namespace Messaging.Breaker.Engine;

/// <summary>
/// How many messages at once a dependency gets after it has come back: at first as many as there were probes, then one more for each round
/// of that many, one fewer for each while calls take longer than is healthy, and half as many when one fails. (Additive increase and
/// multiplicative decrease as in TCP's congestion avoidance, RFC 5681, section 3.1; the step back before anything is lost as in TCP Vegas,
/// Brakmo and Peterson, 1995.) If half of the most that ever went at once are no faster, it is not the load that slows them: then their time
/// is the healthy one. Over when it has kept nobody waiting for a while.
/// </summary>
/// <remarks>Pure but for the lock: time is an argument. Thread-safe.</remarks>
sealed class Ramp(int start, long frequency, long quietTime, long now)
{
    const int ShortestRound = 10;
    const double Slower = 1.15;
    // How much the newest round weighs: clocks tick in milliseconds, and one round alone may be twice as fast as the next.
    const double WeightInUsual = 0.5;
    const double WeightInHealthy = 0.25;

    readonly Lock _lock = new();
    readonly Queue<TaskCompletionSource> _waiting = new();
    readonly List<long> _round = [];
    // Of what is faster than this the noise of the machine is a large part.
    readonly double _noise = frequency / 1_000.0;
    double _limit = start;
    double _most = start;
    double _usual = double.NaN;
    double _healthy;
    bool _isSlow;
    int _underWay;
    bool _isHalved;
    long _waitedAt = now;

    public bool IsOver { get; private set; }

    public int Limit
    {
        get
        {
            lock (_lock)
                return (int)_limit;
        }
    }

    /// <summary>Completes when the message may go. One that loses its patience completes it itself.</summary>
    public TaskCompletionSource Enter(long now)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue(turn);
            Admit();
            if (_waiting.Count > 0)
                _waitedAt = now;
            else if (now - _waitedAt > quietTime)
                EndLocked();
        }

        return turn;
    }

    /// <summary>A message that went is done.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Exit(Outcome outcome, long elapsed)
    {
        lock (_lock)
        {
            _underWay--;
            if (outcome == Outcome.Failure)
                Halve();
            else if (outcome == Outcome.Success)
                Complete(elapsed);
            Admit();
        }
    }

    /// <summary>Nobody waits any longer: what keeps messages back now is the breaker, or nothing.</summary>
    public void End()
    {
        lock (_lock)
            EndLocked();
    }

    void Complete(long elapsed)
    {
        _round.Add(elapsed);
        if (_waiting.Count > 0 && !_isSlow)
            _limit += 1 / _limit;
        if (_round.Count < Math.Max(ShortestRound, (int)_limit))
            return;
        // The median, since a few that hang in somebody's garbage collection say nothing about the load.
        _round.Sort();
        Judge(_round[_round.Count / 2]);
        _round.Clear();
        _isHalved = false;
    }

    void Judge(long median)
    {
        _most = Math.Max(_most, _limit);
        if (double.IsNaN(_usual))
            _usual = _healthy = median;
        _usual += (median - _usual) * WeightInUsual;
        _isSlow = _usual > _healthy * Slower + _noise;
        if (_isSlow && _limit > _most / 2)
            _limit = Math.Max(1, _limit - 1);
        else if (_isSlow || _usual < _healthy)
            _healthy += (_usual - _healthy) * WeightInHealthy;
    }

    /// <summary>Once a round: what fails together fails for one reason.</summary>
    void Halve()
    {
        if (_isHalved)
            return;
        _isHalved = true;
        _most = _limit = Math.Max(1, _limit / 2);
        _round.Clear();
    }

    void Admit()
    {
        while (_waiting.Count > 0 && (IsOver || _underWay < (int)_limit))
            if (_waiting.Dequeue().TrySetResult())
                _underWay++;
    }

    void EndLocked()
    {
        IsOver = true;
        Admit();
    }
}
