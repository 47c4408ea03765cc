using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>One call to a dependency, attributed to its breaker: under the permit of the message being handled, or under its own.</summary>
readonly struct GuardedCall
{
    readonly CircuitBreaker _breaker;
    // For a call outside a message.
    readonly BreakerKey? _key;
    readonly BreakerAttempt? _attempt;
    readonly ObservedCalls? _calls;
    readonly Permit _permit;
    readonly long _startedAt;

    GuardedCall(CircuitBreaker breaker, string? key)
    {
        breaker.IsAttributed = true;
        _attempt = InFlightMessage.Current is { IsRunning: true } message ? message.Find(breaker) : null;
        if (_attempt is null)
            _key = breaker.Partition?.Find(key);
        else if (_attempt.Key is null && breaker.Partition?.EnterByCall(key) is { } entered && !_attempt.TryAssign(entered))
            entered.Leave(hasRun: false);
        _breaker = _key?.Acting ?? breaker;
        _startedAt = breaker.Now;
        _calls = _attempt?.TryBeginCall(_startedAt);
        _permit = _attempt?.Permit ?? _breaker.TryAcquire();
        if (_attempt is null ? !_permit.IsGranted : _calls is null)
            throw (_attempt?.Breaker ?? _breaker).Refusal();
    }

    /// <param name="breaker">The breaker.</param>
    /// <param name="key">The key of the call, if the breaker is split by its calls; null if it has none.</param>
    /// <exception cref="BreakerOpenException">The breaker refuses.</exception>
    public static GuardedCall Begin(CircuitBreaker breaker, string? key = null) => new(breaker, key);

    public static async ValueTask<T> ExecuteAsync<T>(
        CircuitBreaker breaker, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var guarded = Begin(breaker);
        try
        {
            var result = await call(cancellationToken).ConfigureAwait(false);
            guarded.End(new Classification(Outcome.Success));
            return result;
        }
        catch (Exception exception)
        {
            guarded.End(exception, cancellationToken);
            throw;
        }
    }

    /// <summary>The answer has begun and looks healthy. The call ends with the answer's body, or never if the body is not read.</summary>
    public void Answered() => _attempt?.AnswerCall(_calls!, _startedAt, _breaker.Now);

    /// <summary>
    /// A call that its caller cancelled says nothing about the dependency; a timeout, which looks the same, does. For a handler's call, the
    /// handler distinguishes them: it recovers from a cancellation, and fails because of a timeout.
    /// </summary>
    public void End(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            End(_breaker.Options.Exceptions.Classify(exception), exception);
        else if (_attempt is not null)
            _attempt.CancelCall(_calls!, _startedAt);
        else
            End(new Classification(Outcome.Ignored));
    }

    /// <summary>The call is done.</summary>
    /// <param name="finding">What it says about the dependency.</param>
    /// <param name="thrown">What it threw; null if it was answered.</param>
    public void End(Classification finding, Exception? thrown = null)
    {
        var now = _breaker.Now;
        if (_attempt?.TryEndCall(_calls!, finding, thrown, _startedAt, now) == true)
            return;
        if (_key is not null && _key.TryRecord(_breaker, finding, thrown, _startedAt, now))
            return;
        // A probe of an attempt that is over was already counted with the attempt.
        if (_attempt is null || !_permit.IsProbe)
            _breaker.Record(_permit, finding, thrown, _startedAt, now - _startedAt, now);
    }
}
