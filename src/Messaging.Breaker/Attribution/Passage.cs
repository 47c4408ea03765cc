using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// One message's passage through one breaker: its permit, and what the calls attributed to the breaker said while it was handled. A message
/// is one outcome, and each failing call is one more; an exception that a call has already answered for is not counted again.
/// </summary>
sealed class Passage(CircuitBreaker breaker)
{
    Permit _permit;
    // What the failing calls of the attempt threw; null stands for one that was answered.
    List<Exception?>? _failures;
    bool _called;
    bool _succeeded;
    bool _cancelled;
    bool _refused;
    bool _concluded;
    long _slowest;

    public CircuitBreaker Breaker => breaker;

    public Permit Permit => _permit;

    /// <summary>What is held against the message, if it has failed before.</summary>
    public Case? Case { get; set; }

    /// <summary>The message, not the dependency, is on trial: the attempt is not counted, whatever comes of it.</summary>
    public bool IsRetest { get; set; }

    /// <summary>The message was found to be at fault: its failures by this dependency are its own from here on.</summary>
    public bool IsCharged { get; set; }

    /// <summary>How the latest attempt ended for this breaker.</summary>
    public AttemptResult Result { get; private set; }

    public bool IsCurrent => breaker.IsCurrent(_permit);

    public bool TryAcquire()
    {
        if (IsCurrent && !_concluded)
            return true;
        _permit = breaker.TryAcquire();
        (_failures, _called, _succeeded, _cancelled, _refused, _concluded, _slowest) = (null, false, false, false, false, false, 0);
        return _permit.IsGranted;
    }

    public void GiveBack()
    {
        if (!_concluded)
            breaker.GiveBack(_permit);
        _permit = default;
    }

    public void Refuse()
    {
        GiveBack();
        Result = AttemptResult.Refused;
    }

    /// <summary>Whether a call may be made now: an old permit is worth nothing once the breaker has moved on.</summary>
    public bool TryBeginCall()
    {
        lock (this)
        {
            if (!IsCurrent)
                _permit = breaker.TryAcquire();
            _refused |= !_permit.IsGranted;
            return _permit.IsGranted;
        }
    }

    public void EndCall(Finding finding, Exception? thrown, long startedAt, long now)
    {
        lock (this)
        {
            _called = true;
            switch (finding.Outcome)
            {
                case Outcome.Success:
                    _succeeded = true;
                    _slowest = Math.Max(_slowest, now - startedAt);
                    break;
                case Outcome.Failure:
                    (_failures ??= []).Add(thrown);
                    Count(finding, startedAt, now);
                    break;
            }
        }
    }

    /// <summary>A call was cancelled by its caller.</summary>
    public void CancelCall()
    {
        lock (this)
        {
            _called = true;
            _cancelled = true;
        }
    }

    /// <summary>Whether an exception comes from a call to this dependency, so that no other is to blame for it.</summary>
    public bool Explains(Exception exception)
    {
        lock (this)
            return ExceptionRules.Flatten(exception).Any(nested =>
                (_failures is not null && (_failures.Contains(nested) || (nested is HttpRequestException { StatusCode: not null } && _failures.Contains(null))))
                || (_cancelled && nested is OperationCanceledException)
                || (_refused && nested is BreakerOpenException refusal && refusal.Breaker == breaker.Name));
    }

    /// <summary>Counts what is still to be counted when the handler is done, and says what the attempt means for this breaker.</summary>
    /// <param name="exception">What the handler threw; null if it succeeded.</param>
    /// <param name="isExplained">It comes from a call to another dependency.</param>
    /// <param name="startedAt">When the handler began.</param>
    /// <param name="now">When it ended.</param>
    public AttemptResult Conclude(Exception? exception, bool isExplained, long startedAt, long now)
    {
        lock (this)
        {
            _concluded = true;
            return Result = _refused && exception is not null ? ConcludeRefused()
                : isExplained && !_called && !breaker.Options.Exceptions.AreExplicit ? ConcludeExplained(startedAt, now)
                : _called || (breaker.IsAttributed && !breaker.Options.Exceptions.AreExplicit) ? ConcludeByCalls(exception, startedAt, now)
                : ConcludeByException(exception, startedAt, now);
        }
    }

    /// <summary>The message is part of a batch, which asked for a permit and was counted in its stead.</summary>
    public void Adopt(Passage batch)
    {
        lock (this)
            (_permit, _concluded, Result) = (batch.Permit, true, batch.Result);
    }

    AttemptResult ConcludeRefused()
    {
        // Of several calls, another may have had a probe's permit.
        breaker.GiveBack(_permit);
        return AttemptResult.Refused;
    }

    AttemptResult ConcludeExplained(long startedAt, long now)
    {
        Count(new Finding(Outcome.Ignored), startedAt, now);
        return AttemptResult.NotOurs;
    }

    AttemptResult ConcludeByCalls(Exception? exception, long startedAt, long now)
    {
        if (_cancelled && _failures is null && exception is not null && breaker.Options.Exceptions.Classify(exception) is { Outcome: Outcome.Failure } finding)
        {
            _failures = [exception];
            Count(finding, startedAt, now);
        }

        // A probe is counted even if it is a retest, or nobody would know how it ended.
        if (_succeeded && IsRetest && !_permit.IsProbe)
            breaker.Testify(_permit, startedAt);
        else if (_succeeded)
            breaker.Record(_permit, Outcome.Success, startedAt, _slowest, now);
        else if (_failures is null)
            breaker.GiveBack(_permit);
        return exception is null ? AttemptResult.Succeeded : _failures is null ? AttemptResult.NotOurs : AttemptResult.Failed;
    }

    AttemptResult ConcludeByException(Exception? exception, long startedAt, long now)
    {
        var finding = exception is null ? new Finding(Outcome.Success) : breaker.Options.Exceptions.Classify(exception);
        Count(finding, startedAt, now);
        return exception is null ? AttemptResult.Succeeded
            : finding.Outcome == Outcome.Failure ? AttemptResult.Failed : AttemptResult.NotOurs;
    }

    void Count(Finding finding, long startedAt, long now)
    {
        if (!IsRetest || finding.Demand is not null || _permit.IsProbe)
            breaker.Record(_permit, finding, startedAt, now - startedAt, now);
        else if (finding.Outcome == Outcome.Success)
            breaker.Testify(_permit, startedAt);
    }
}
