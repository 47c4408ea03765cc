using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers;

/// <summary>
/// What speaks against one message that failed, as far as one dependency is concerned. It outlives the deliveries of the message.
/// Thread-safe: two copies of a message may be under way.
/// </summary>
sealed class Case(CircuitBreaker breaker)
{
    // A million messages that fail by the dependency's fault, and one is taken for the culprit.
    const double Doubt = 1e-6;

    // Drawn, since what is dealt out in turn, as among three servers of which one is dead, might else meet the message every time.
    const int MostWitnesses = 4;

    readonly Lock _lock = new();
    Tally _since;
    Witness? _witness;
    int _failures;
    int _runsAlone;
    long _failedIn;
    long _passedIn;

    /// <summary>Failures after each of which the dependency was seen to work for another message.</summary>
    public int WitnessedFailures
    {
        get
        {
            lock (_lock)
            {
                Settle();
                return _failures;
            }
        }
    }

    /// <summary>How often in a row nobody else was there to show whether the dependency works.</summary>
    public int RunsAlone
    {
        get
        {
            lock (_lock)
            {
                Settle();
                return _runsAlone;
            }
        }
    }

    /// <summary>
    /// Whether the message is on trial, no longer the dependency: it failed while that worked. Where nobody else is left to tell, it may have
    /// died since.
    /// </summary>
    public bool IsOnTrial
    {
        get
        {
            lock (_lock)
            {
                Settle();
                return _failures > 0 && _runsAlone == 0;
            }
        }
    }

    /// <summary>The rounds of probes in which the message failed.</summary>
    public int FailedRounds { get; private set; }

    /// <summary>It was said that the message alone keeps the breaker open.</summary>
    public bool IsReported { get; set; }

    /// <summary>
    /// Whether the failures are the message's own: had it failed so often by chance, at the rate at which all calls failed since its first
    /// failure, that would be less likely than one in a million.
    /// </summary>
    public bool IsProven
    {
        get
        {
            lock (_lock)
            {
                Settle();
                return _failures > 1 && Math.Pow(Tally.ChanceOfFailure(_since, breaker.Tally), _failures) <= Doubt;
            }
        }
    }

    /// <summary>The message has failed.</summary>
    /// <returns>What to wait for before it is run again.</returns>
    public Witness Fail(long failedAt)
    {
        lock (_lock)
        {
            Settle();
            if (_failures == 0)
                _since = breaker.Tally;
            Drop();
            return _witness = breaker.AwaitWitness(failedAt, _failures == 0 ? 1 : Random.Shared.Next(1, MostWitnesses + 1));
        }
    }

    /// <summary>No other message came to show whether the dependency works.</summary>
    public void FindNobody()
    {
        lock (_lock)
        {
            Settle();
            if (_witness is not null)
                _runsAlone++;
        }
    }

    public void FailAsProbe(long round)
    {
        if (_failedIn == round)
            return;
        _failedIn = round;
        FailedRounds++;
    }

    /// <summary>
    /// Whether others should probe before this message does, which has failed as a probe. Asked for once a round: a message that comes again
    /// is alone.
    /// </summary>
    public bool LetsOthersPass(long round)
    {
        if (FailedRounds == 0 || _passedIn == round)
            return false;
        _passedIn = round;
        return true;
    }

    /// <summary>The others were asked first in that round, and there were none.</summary>
    public bool IsAlone(long round) => _passedIn == round;

    public void Drop()
    {
        if (_witness is { } witness)
            breaker.DismissWitness(witness);
        _witness = null;
    }

    void Settle()
    {
        if (_witness is not { HasCome: true })
            return;
        _failures++;
        _runsAlone = 0;
        Drop();
    }
}
