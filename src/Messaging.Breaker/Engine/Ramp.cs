namespace Messaging.Breaker.Engine;

/// <summary>
/// How many messages at once a dependency gets after it has come back: at first as many as there were probes, then one more for each round
/// of that many, and half as many when one fails or most calls of a round take longer than in the healthy rounds: most, since a few that
/// hang in somebody's garbage collection say nothing about the load. (Additive increase and multiplicative decrease, as in TCP's congestion
/// avoidance, RFC 5681, section 3.1.) Over when it has kept nobody waiting for a while.
/// </summary>
/// <remarks>Pure but for the lock: time is an argument. Thread-safe.</remarks>
sealed class Ramp(int start, long frequency, long quietTime, long now)
{
    const int ShortestRound = 10;
    const double Slower = 1.5;

    readonly Lock _lock = new();
    readonly Queue<TaskCompletionSource> _waiting = new();
    readonly List<long> _round = [];
    // Of what is faster than this the noise of the machine is a large part.
    readonly double _noise = frequency / 1_000.0;
    double _limit = start;
    double _healthy = double.PositiveInfinity;
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
        if (_waiting.Count > 0)
            _limit += 1 / _limit;
        if (_round.Count < Math.Max(ShortestRound, (int)_limit))
            return;
        _round.Sort();
        var median = _round[_round.Count / 2];
        _round.Clear();
        _isHalved = false;
        if (median > _healthy * Slower + _noise)
            Halve();
        else
            _healthy = Math.Min(_healthy, median);
    }

    /// <summary>Once a round: what fails together fails for one reason.</summary>
    void Halve()
    {
        if (_isHalved)
            return;
        _isHalved = true;
        _limit = Math.Max(1, _limit / 2);
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
