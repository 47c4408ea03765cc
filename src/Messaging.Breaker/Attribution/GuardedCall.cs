using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>One call to a dependency, attributed to its breaker: under the permit of the message being handled, or under one of its own.</summary>
readonly struct GuardedCall
{
    readonly CircuitBreaker _breaker;
    readonly Passage? _passage;
    readonly Permit _permit;
    readonly long _startedAt;

    GuardedCall(CircuitBreaker breaker)
    {
        _breaker = breaker;
        _breaker.IsAttributed = true;
        _passage = MessageHandling.Current is { IsRunning: true } handling ? handling.Find(breaker) : null;
        _permit = _passage is null ? breaker.TryAcquire() : default;
        if (!(_passage?.TryBeginCall() ?? _permit.IsGranted))
            throw breaker.Refusal();
        _startedAt = breaker.Now;
    }

    /// <exception cref="BreakerOpenException">The breaker refuses.</exception>
    public static GuardedCall Begin(CircuitBreaker breaker) => new(breaker);

    public static async ValueTask<T> ExecuteAsync<T>(
        CircuitBreaker breaker, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var guarded = Begin(breaker);
        try
        {
            var result = await call(cancellationToken).ConfigureAwait(false);
            guarded.End(new Finding(Outcome.Success));
            return result;
        }
        catch (Exception exception)
        {
            guarded.End(exception, cancellationToken);
            throw;
        }
    }

    /// <summary>
    /// A call that its caller cancelled says nothing about the dependency; a time-out, which looks alike, does. Of a handler's call it is the
    /// handler that tells them apart: it gets over the one, and fails by the other.
    /// </summary>
    public void End(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            End(_breaker.Options.Exceptions.Classify(exception), exception);
        else if (_passage is not null)
            _passage.CancelCall();
        else
            End(new Finding(Outcome.Ignored));
    }

    /// <summary>The call is done.</summary>
    /// <param name="finding">What it says about the dependency.</param>
    /// <param name="thrown">What it threw; null if it was answered.</param>
    public void End(Finding finding, Exception? thrown = null)
    {
        var now = _breaker.Now;
        if (_passage is not null)
            _passage.EndCall(finding, thrown, _startedAt, now);
        else
            _breaker.Record(_permit, finding, _startedAt, now - _startedAt, now);
    }
}
