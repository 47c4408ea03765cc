using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>
/// A message's attempt on one breaker: its permit, and what the calls attributed to the breaker said while it was handled. The attempt is one
/// outcome, and each failing call is one more; an exception that a call already accounts for is not counted again. With a partitioned breaker,
/// the attempt is on the breaker of the message's key, if it has one, while the breaker of the whole is closed.
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

    /// <summary>A call gives the key of a message that has none itself. The first call decides.</summary>
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

    /// <summary>The breaker that judges the attempt: the guard itself, or the key's breaker.</summary>
    public CircuitBreaker Breaker => _breaker;

    public Permit Permit => _permit;

    /// <summary>The group of alternatives; null if the message needs this breaker's own dependency.</summary>
    public virtual Alternatives? Alternatives => null;

    /// <summary>The handler asked which dependency to call, and was given this one.</summary>
    public bool IsChosen { get; set; }

    /// <summary>The dependency has just come back and already has so many messages that this one goes to another.</summary>
    public bool IsWithoutTurn { get; set; }

    /// <summary>Whether the run was involved with the dependency: not if it called an alternative.</summary>
    public bool IsUsed => Alternatives is null || IsChosen || _calls is not null;

    /// <summary>The message's failure history with this dependency, if it has failed before.</summary>
    public FailureHistory? History { get; set; }

    /// <summary>The message is on trial, not the dependency: the attempt is not counted, whatever its result.</summary>
    public bool IsRetest { get; set; }

    /// <summary>The message was found at fault: from now on, its failures with this dependency are its own.</summary>
    public bool IsCharged { get; set; }

    /// <summary>How the latest attempt ended for this breaker.</summary>
    public AttemptResult Result { get; private set; }

    /// <summary>
    /// Whether its failures with this dependency are the message's own. The history with the whole of a partitioned breaker does not decide
    /// that: the messages that succeeded had other keys.
    /// </summary>
    public bool IsProven => History!.IsProven && (key is null || _breaker != Guard);

    /// <summary>A failure of the message that may be the dependency's fault, of a breaker that acts on it.</summary>
    public bool IsSuspect =>
        Result is AttemptResult.Failed or AttemptResult.Unexplained && _breaker.Mode == BreakerMode.Enforcing && _permit.IsCounted;

    /// <summary>Whether the breaker counts the result of the attempt. A probe always counts; otherwise its round would never end.</summary>
    public bool IsCounted => !IsRetest || _permit.IsProbe;

    /// <summary>How the message failed, for its failure history.</summary>
    public MessageFailure Failure => new(
        IsUnexplained: Result == AttemptResult.Unexplained,
        HasCalled: Result == AttemptResult.Failed || _calls is not null || !_breaker.IsAttributed,
        IsCounted);

    /// <summary>Whether its permit still admits a run.</summary>
    public bool HoldsPermit => IsCurrent && !_isConcluded;

    /// <summary>The breaker has not changed its state since it gave the permit.</summary>
    public bool IsCurrent => _breaker.IsCurrent(_permit) && (key is null || Choose(Guard, key) == _breaker);

    public bool TryAcquire()
    {
        if (HoldsPermit)
            return true;
        _permit = Acquire();
        Renew();
        return _permit.IsGranted;
    }

    /// <summary>The coming run has to do without the dependency.</summary>
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

    /// <summary>Whether a call may be made now: an old permit is invalid once the breaker has changed its state.</summary>
    public bool TryKeep()
    {
        lock (this)
        {
            if (!IsCurrent)
                _permit = Acquire();
            return _permit.IsGranted;
        }
    }

    /// <summary>Whether the consumer may start, or a call may be made, now. If not, the run counts as refused.</summary>
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
    /// <returns>The attempt to notify when the call ends; null if the breaker refuses it.</returns>
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
    /// <returns>False if the attempt is over and no longer counts the call.</returns>
    public bool TryEndCall(ObservedCalls calls, Classification finding, Exception? thrown, long startedAt, long now)
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
            // The body may never be read: a caller that waits for it looks the same as one that does not want it.
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
    /// Counts a call that has already taken too long as one of a row of failures before it ends. If no calls are attributed, the handler's run
    /// takes its place.
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

    /// <summary>Whether an exception comes from a call to this dependency, so that no other dependency is to blame for it.</summary>
    public bool Explains(Exception exception)
    {
        lock (this)
            return _calls?.Explain(exception, _breaker.Name) == true;
    }

    /// <summary>Counts what has not been counted yet when the handler is done.</summary>
    /// <param name="exception">What the handler threw; null if it succeeded.</param>
    /// <param name="others">How the handler's other dependencies are involved.</param>
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

    /// <summary>The run is done and did not involve the dependency, so it says nothing about it.</summary>
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

    /// <summary>The message is part of a batch, which asked for a permit and was counted in its place.</summary>
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
    /// A key gets its own breaker at its first failure. The message was admitted before that, so it counts as admitted by the first state of
    /// the key's breaker, whatever its state is now.
    /// </summary>
    void MoveToKey()
    {
        if (key is null || _breaker != Guard || _breaker.State != BreakerState.Closed || !_permit.IsCounted)
            return;
        _breaker = key.GetOrCreateBreaker();
        _permit = Permit.OfFirstState;
    }

    void Renew() => (_calls, _isConcluded, _isOverdue, IsChosen) = (null, false, false, false);

    void Count(Classification finding, Exception? exception, long startedAt, long elapsed, long now)
    {
        if (finding.Outcome == Outcome.Failure || _breaker.IsSlow(elapsed) || key?.Breaker is not null)
            MoveToKey();
        if (key is not null && _breaker != Guard)
            key.Tell(Guard, finding.Outcome, startedAt, now);
        // A slow answer or a failure that was waited for was already counted in the row before it ended.
        var wasOverdue = _isOverdue && (finding.Outcome == Outcome.Failure || _breaker.IsSlow(elapsed));
        _isOverdue &= !wasOverdue;
        if (IsCounted || finding.Demand is not null)
            _breaker.Record(_permit, finding, exception, startedAt, elapsed, now, wasOverdue);
        else if (finding.Outcome == Outcome.Success)
            _breaker.NoteSuccess(_permit, startedAt);
    }
}
