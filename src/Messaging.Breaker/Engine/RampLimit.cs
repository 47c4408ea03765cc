namespace Messaging.Breaker.Engine;

/// <summary>
/// How many calls at once a dependency gets after it has come back. A round is as many successes as the limit.
/// <para>The limit first doubles each round, up to ten or half of the load that is known to be healthy (slow start, RFC 5681, section 3.1).
/// After that it grows by up to half each round, by less the slower the calls become, and never more than that beyond a load under which a call
/// was quick. After a slow round, the limit is at most what Little's law gives: the best throughput so far times the duration of a healthy
/// call. Growth is halved, down to one more call a round; at that rate, a slow round takes one call off (stepping back before anything is lost,
/// as in TCP Vegas, Brakmo and Peterson, 1995). If calls are no faster at half of the highest limit so far, it is not the load that slows them,
/// and their duration becomes the healthy one.</para>
/// <para>Failures of more than one call in twenty halve the limit, once a round; fewer are the messages' own. At a load that was never reached
/// before, they mark a cliff: growth then ends a tenth below it, and goes beyond only after some good rounds, twice as many after each time
/// that calls failed there (as CUBIC stays below its last loss, RFC 9438, section 4).</para>
/// </summary>
/// <remarks>Pure: time is an argument. Under the ramp's lock.</remarks>
sealed class RampLimit
{
    const int ShortestRound = 10;
    const int LeastSlowStart = 10;
    // A single round may be slow by chance, and would then be taken for healthy.
    const int RoundsToCompare = 2;
    const double FastGrowth = 0.5;
    const double LeastGrowth = 0.02;
    const int RoundsToFasterGrowth = 4;
    const double Slower = 1.125;
    const double MostSpread = 0.25;
    const double RoomToQueue = 1.15;
    const double Tolerable = 0.05;
    const double BelowCliff = 0.9;
    const int PatienceAfterOne = 4;
    const int PatienceAfterFall = 128;
    const int FailuresOfFall = 5;
    const int MostPatience = 1 << 20;

    readonly RampMemory _memory;
    readonly int _instances;
    readonly RampRound _round = new();
    // Differences below this are mostly noise of the machine.
    readonly double _noise;
    double _limit;
    double _slowStart;
    double _growth = FastGrowth;
    int _rounds;
    int _goodRounds;
    bool _isSlow;
    double _usual;
    double _healthy;
    double _spread;
    double _slow = double.PositiveInfinity;
    double _throughput;
    double _most;
    double _held;
    int _failures;
    bool _isHalved;
    double _cliff;
    int _patience;
    int _roundsBelowCliff;

    public RampLimit(int start, RampMemory memory, int instances, long frequency, long now)
    {
        (_memory, _instances, _noise) = (memory, instances, frequency / 1_000.0);
        _limit = _most = start;
        _held = memory.Healthy(instances, now);
        _slowStart = Math.Max(LeastSlowStart, _held / 2);
        (_cliff, _patience) = memory.Cliff(instances, now);
    }

    public int Calls => (int)_limit;

    bool HasCliff => _cliff < double.PositiveInfinity;

    double BelowIt => Math.Max(1, BelowCliff * _cliff);

    bool IsTryingBeyond => _roundsBelowCliff >= _patience;

    /// <param name="load">How many calls were in flight when it began.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="isWanted">Whether a message waits for its turn.</param>
    /// <param name="now">The time.</param>
    public void Succeed(int load, long elapsed, bool isWanted, long now)
    {
        _held = Math.Max(_held, load);
        _round.Add(load, elapsed);
        if (isWanted && !_isSlow && elapsed <= _slow)
            Grow(load, elapsed);
        if (_round.Count >= Math.Max(ShortestRound, Calls))
            EndRound(isWanted, now);
    }

    /// <summary>Acts once a round, because calls that fail together fail for one reason.</summary>
    /// <param name="load">How many calls were in flight.</param>
    /// <param name="now">The time.</param>
    public void Fail(int load, long now)
    {
        _failures++;
        if (_isHalved)
        {
            // The dependency collapsed instead of refusing a single call, and each try beyond the cliff costs a collapse.
            if (_failures == FailuresOfFall && HasCliff)
                MarkCliff(_cliff, Math.Max(_patience, PatienceAfterFall), now);
            return;
        }

        // A rare failure is more likely the message's own fault.
        if (_failures <= Math.Max(1, Tolerable * _limit))
            return;
        if (load > _held)
            MarkCliff(load, HasCliff ? Math.Min(2 * _patience, MostPatience) : PatienceAfterOne, now);
        else
            _held = Math.Min(_held, load - 1);
        (_isHalved, _failures) = (true, 0);
        _most = _limit = Math.Max(1, _limit / 2);
        (_slowStart, _goodRounds) = (0, 0);
        _round.Clear();
    }

    void Grow(int load, long elapsed)
    {
        var isSlowStart = _limit < _slowStart;
        if (!isSlowStart && _rounds < RoundsToCompare)
            return;
        var share = isSlowStart ? 1 : _growth * Math.Min(1, (_slow - elapsed) / (_slow - _healthy));
        var most = isSlowStart && _rounds < RoundsToCompare ? _slowStart : double.PositiveInfinity;
        if (_limit >= BelowIt)
            share = 0;
        if (!IsTryingBeyond)
            most = Math.Min(most, BelowIt);
        var grown = Math.Min(_limit + Math.Max(share, 1 / _limit), Math.Max(load + 1, load * (1 + share)));
        _limit = Math.Max(_limit, Math.Min(grown, most));
    }

    void EndRound(bool isWanted, long now)
    {
        _round.Sort();
        _throughput = Math.Max(_throughput, _round.MeanLoad / _round.Median);
        Judge();
        if (_held > _cliff)
            MarkCliff(double.PositiveInfinity, 0, now);
        if (_isSlow)
            _goodRounds = 0;
        else
            NoteGoodRound(isWanted, now);
        _round.Clear();
        (_isHalved, _failures) = (false, 0);
    }

    void Judge()
    {
        _most = Math.Max(_most, _limit);
        // The median, because a few calls that hang, for example in a garbage collection, say nothing about the load.
        if (++_rounds <= RoundsToCompare && (_rounds == 1 || _round.Median < _healthy))
            (_usual, _healthy, _spread) = (_round.Median, _round.Median, _round.Spread);
        // The newest round counts half: clocks tick in milliseconds, and a round may be twice as fast as the next.
        _usual += (_round.Median - _usual) / 2;
        // The approximate error of a median of few calls.
        var error = 2 * _spread / Math.Sqrt(_round.Count);
        _isSlow = Math.Min(_usual, _round.Median) > _healthy * Slower + _noise + error;
        if (_isSlow && _limit > _most / 2)
            SlowDown();
        else if (_limit <= _most / 2 || _usual < _healthy)
        {
            _healthy += (_usual - _healthy) / 4;
            _spread += (_round.Spread - _spread) / 4;
        }

        _slow = _healthy + Math.Min(_spread, _healthy * MostSpread) + Math.Max(_noise, _healthy * (Slower - 1));
    }

    void SlowDown()
    {
        if (_growth * _limit > 1)
            _most = _limit = Math.Max(1, Math.Min(_limit, RoomToQueue * _throughput * _healthy));
        else
            _limit = Math.Max(1, _limit - 1);
        _growth = Math.Max(LeastGrowth, _growth / 2);
        _slowStart = 0;
    }

    void NoteGoodRound(bool isWanted, long now)
    {
        _memory.NoteHealthy(_held, _instances, now);
        if (!isWanted)
            return;
        if (_limit >= BelowIt)
            _roundsBelowCliff++;
        else if (++_goodRounds % RoundsToFasterGrowth == 0)
            _growth = Math.Min(FastGrowth, 2 * _growth);
    }

    void MarkCliff(double level, int patience, long now)
    {
        (_cliff, _patience, _roundsBelowCliff) = (level, patience, 0);
        _memory.NoteCliff(level, patience, _instances, now);
    }
}
