using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Partitions;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// A message's attempt on one breaker: its permit, and what the calls attributed to the breaker said while it was handled. The attempt is one
/// outcome, and each failing call is one more; an exception that a call has already answered for is not counted again. Of a partitioned breaker
/// it is on that of the message's key, if that has one, while the breaker of the whole is closed.
/// </summary>
/// <param name="guard">The breaker that guards the endpoint.</param>
/// <param name="key">The message's key, if the breaker is partitioned.</param>
class BreakerAttempt(CircuitBreaker guard, BreakerKey? key = null)
{
    CircuitBreaker _breaker = Choose(guard, key);
    Permit _permit;
    ObservedCalls? _calls;
    bool _isConcluded;
    bool _isOverdue;

    /// <summary>The breaker that guards the endpoint.</summary>
    public CircuitBreaker Guard => key?.Partition.Whole ?? _breaker;

    public BreakerKey? Key => key;

    /// <summary>A call tells to which key the message belongs, which tells none itself. The first call decides.</summary>
    public bool TryAssign(BreakerKey called)
    {
        lock (this)
        {
            if (key is not null)
                return false;
            key = called;
            return true;
        }
    }

    /// <summary>The breaker that judges the attempt: the guard itself, or that of the key.</summary>
    public CircuitBreaker Breaker => _breaker;

    public Permit Permit => _permit;

    /// <summary>Those of which one is enough for the message; null if it needs this very breaker's dependency.</summary>
    public virtual Alternatives? Alternatives => null;

    /// <summary>The handler asked which of its dependencies to call, and was told this one.</summary>
    public bool IsChosen { get; set; }

    /// <summary>So many are under way to a dependency that has just come back that the message is to go to another.</summary>
    public bool IsWithoutTurn { get; set; }

    /// <summary>Whether the run had anything to do with the dependency: not if it called another in its stead.</summary>
    public bool IsUsed => Alternatives is null || IsChosen || _calls is not null;

    /// <summary>What is known of the message's failures by this dependency, if it has failed before.</summary>
    public FailureHistory? History { get; set; }

    /// <summary>The message, not the dependency, is on trial: the attempt is not counted, whatever comes of it.</summary>
    public bool IsRetest { get; set; }

    /// <summary>The message was found to be at fault: its failures by this dependency are its own from here on.</summary>
    public bool IsCharged { get; set; }

    /// <summary>How the latest attempt ended for this breaker.</summary>
    public AttemptResult Result { get; private set; }

    /// <summary>
    /// Its failures by this dependency are the message's own. Not by what the whole of a partitioned breaker knows of it: those that succeeded were of other keys.
    /// </summary>
    public bool IsProven => History!.IsProven && (key is null || _breaker != Guard);

    /// <summary>A failure of the message that may be the dependency's, of a breaker that acts on it.</summary>
    public bool IsSuspect =>
        Result is AttemptResult.Failed or AttemptResult.Unexplained && _breaker.Mode == BreakerMode.Enforcing && _permit.IsCounted;

    /// <summary>Whether the breaker counts what comes of the attempt. A probe's always counts, or nobody would know how it ended.</summary>
    public bool IsCounted => !IsRetest || _permit.IsProbe;

    /// <summary>How it failed, for the message's history.</summary>
    public MessageFailure Failure => new(
        IsUnexplained: Result == AttemptResult.Unexplained,
        HasCalled: Result == AttemptResult.Failed || _calls is not null || !_breaker.IsAttributed,
        IsCounted);

    /// <summary>Whether its permit admits a run still.</summary>
    public bool HoldsPermit => IsCurrent && !_isConcluded;

    /// <summary>The breaker has not moved on since it gave the permit.</summary>
    public bool IsCurrent => _breaker.IsCurrent(_permit) && (key is null || Choose(Guard, key) == _breaker);

    public bool TryAcquire()
    {
        if (HoldsPermit)
            return true;
        _permit = Acquire();
        Renew();
        return _permit.IsGranted;
    }

    /// <summary>The coming run is to do without the dependency.</summary>
    public void Skip()
    {
        GiveBack();
        Renew();
    }

    public void GiveBack()
    {
        if (!_isConcluded)
            _breaker.GiveBack(_permit);
        _permit = default;
    }

    public void Refuse()
    {
        GiveBack();
        Result = AttemptResult.Refused;
    }

    /// <summary>Whether a call may be made now: an old permit is worth nothing once the breaker has moved on.</summary>
    public bool TryKeep()
    {
        lock (this)
        {
            if (!IsCurrent)
                _permit = Acquire();
            return _permit.IsGranted;
        }
    }

    /// <summary>Whether the consumer may start, or a call be made, now. If not, that is what the run comes to.</summary>
    public bool TryBegin()
    {
        lock (this)
        {
            if (TryKeep())
                return true;
            (_calls ??= new ObservedCalls()).WereRefused = true;
            return false;
        }
    }

    /// <summary>A call begins.</summary>
    /// <returns>What it is to be told to when it ends; null if the breaker refuses it.</returns>
    public ObservedCalls? TryBeginCall(long now)
    {
        lock (this)
        {
            if (!TryBegin())
                return null;
            _calls ??= new ObservedCalls();
            if (_breaker.Options.SlowCallDuration is not null)
                _calls.Begin(now);
            return _calls;
        }
    }

    /// <summary>A call has ended.</summary>
    /// <returns>False if the attempt is over, and counts it no more.</returns>
    public bool TryEndCall(ObservedCalls calls, Finding finding, Exception? thrown, long startedAt, long now)
    {
        lock (this)
        {
            calls.End(startedAt);
            if (calls.IsOver)
                return false;
            if (finding.Outcome == Outcome.Success)
                calls.Answer(now - startedAt);
            else if (finding.Outcome == Outcome.Failure)
            {
                calls.Fail(thrown);
                Count(finding, thrown, startedAt, now - startedAt, now);
            }

            return true;
        }
    }

    /// <inheritdoc cref="GuardedCall.Answered"/>
    public void AnswerCall(ObservedCalls calls, long startedAt, long now)
    {
        lock (this)
        {
            // Nobody need read the body: who waits for it cannot be told from who does not want it.
            calls.End(startedAt);
            if (!calls.IsOver)
                calls.BeginAnswer(now - startedAt);
        }
    }

    /// <inheritdoc cref="ObservedCalls.WereCancelled"/>
    public void CancelCall(ObservedCalls calls, long startedAt)
    {
        lock (this)
        {
            calls.End(startedAt);
            calls.WereCancelled = true;
        }
    }

    /// <summary>
    /// A call that has taken too long already is one of a row of failures before it ends; where no calls are attributed, the handler's run
    /// stands for it.
    /// </summary>
    /// <param name="startedAt">When the handler began.</param>
    /// <param name="now">The time.</param>
    public void CountIfOverdue(long startedAt, long now)
    {
        lock (this)
        {
            if (!IsUsed)
                return;
            var since = _breaker.IsAttributed ? _calls?.WaitsSince : startedAt;
            if (_isConcluded || _isOverdue || !IsCounted || since is null || !_breaker.IsSlow(now - since.Value))
                return;
            _isOverdue = true;
            MoveToKey();
            _breaker.RecordOverdue(_permit, now);
        }
    }

    /// <summary>Whether an exception comes from a call to this dependency, so that no other is to blame for it.</summary>
    public bool Explains(Exception exception)
    {
        lock (this)
            return _calls?.Explain(exception, _breaker.Name) == true;
    }

    /// <summary>Counts what is still to be counted when the handler is done.</summary>
    /// <param name="exception">What the handler threw; null if it succeeded.</param>
    /// <param name="others">What its other dependencies have to do with that.</param>
    /// <param name="startedAt">When the handler began.</param>
    /// <param name="now">When it ended.</param>
    public void Conclude(Exception? exception, OtherDependencies others, long startedAt, long now)
    {
        lock (this)
        {
            var diagnosis = Diagnosis.Of(_calls, exception, others, _breaker.IsAttributed, _breaker.Options.Exceptions);
            Result = diagnosis.Result;
            _isConcluded = true;
            if (diagnosis.Outcome is { } outcome)
                Count(outcome, exception, startedAt, _calls is { WereAnswered: true } && outcome.Outcome == Outcome.Success ? _calls.Slowest : now - startedAt, now);
            else
            {
                if (exception is null)
                    _breaker.NoteHandled(_permit, startedAt);
                _breaker.GiveBack(_permit);
            }

            if (_calls is not null)
                _calls.IsOver = true;
        }
    }

    /// <summary>The run is done, and had nothing to do with the dependency: nothing is known about it.</summary>
    public void ConcludeUnused(Exception? exception, long startedAt)
    {
        lock (this)
        {
            Result = exception is null ? AttemptResult.Succeeded : AttemptResult.Unrelated;
            _isConcluded = true;
            if (exception is null)
                _breaker.NoteHandled(_permit, startedAt);
            _breaker.GiveBack(_permit);
        }
    }

    /// <summary>The message is part of a batch, which asked for a permit and was counted in its stead.</summary>
    public void Adopt(BreakerAttempt batch)
    {
        lock (this)
            (_permit, _calls, IsChosen, _isConcluded, Result) = (batch.Permit, batch._calls, batch.IsChosen, true, batch.Result);
    }

    static CircuitBreaker Choose(CircuitBreaker guard, BreakerKey? key) =>
        key?.Breaker is { } own && guard.State == BreakerState.Closed ? own : guard;

    Permit Acquire()
    {
        if (key is not null && Choose(Guard, key) is var chosen && chosen != _breaker)
            (_breaker, History, IsRetest) = (chosen, null, false);
        return _breaker.TryAcquire();
    }

    /// <summary>
    /// The first failure of a key is where its own breaker begins. The message was admitted before that, so whatever its key has come to since it
    /// counts as admitted by the first state.
    /// </summary>
    void MoveToKey()
    {
        if (key is null || _breaker != Guard || _breaker.State != BreakerState.Closed || !_permit.IsCounted)
            return;
        _breaker = key.GetOrCreateBreaker();
        _permit = Permit.OfFirstState;
    }

    void Renew() => (_calls, _isConcluded, _isOverdue, IsChosen) = (null, false, false, false);

    void Count(Finding finding, Exception? exception, long startedAt, long elapsed, long now)
    {
        if (finding.Outcome == Outcome.Failure || _breaker.IsSlow(elapsed) || key?.Breaker is not null)
            MoveToKey();
        if (key is not null && _breaker != Guard)
            key.Tell(Guard, finding.Outcome, startedAt, now);
        // A slow answer or a failure is what was waited for: as one of a row it was counted before it ended.
        var wasOverdue = _isOverdue && (finding.Outcome == Outcome.Failure || _breaker.IsSlow(elapsed));
        _isOverdue &= !wasOverdue;
        if (IsCounted || finding.Demand is not null)
            _breaker.Record(_permit, finding, exception, startedAt, elapsed, now, wasOverdue);
        else if (finding.Outcome == Outcome.Success)
            _breaker.NoteSuccess(_permit, startedAt);
    }
}
