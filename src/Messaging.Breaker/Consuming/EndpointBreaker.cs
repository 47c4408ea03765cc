using System.Globalization;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// An endpoint's own breaker: when message after message ends in <c>_error</c> and none is handled in between, the endpoint stops, whoever is
/// at fault. While it is closed it costs a handled message one read; only messages after a trip have an attempt on it.
/// </summary>
sealed class EndpointBreaker(CircuitBreaker breaker)
{
    readonly HashSet<Guid> _inARow = [];
    volatile bool _isFailing;

    public CircuitBreaker Breaker => breaker;

    /// <summary>Messages are returned instead of dead-lettered.</summary>
    public bool IsRefusing => breaker.IsRefusing;

    /// <summary>A message was handled.</summary>
    public void Handle()
    {
        if (!_isFailing)
            return;
        lock (_inARow)
        {
            _inARow.Clear();
            _isFailing = false;
        }

        if (breaker.State == BreakerState.Closed)
            breaker.Record(breaker.TryAcquire(), Outcome.Success, breaker.Now, 0, breaker.Now);
    }

    /// <summary>A message goes to <c>_error</c>. A message that does so twice, for example after a redelivery, counts once.</summary>
    public void DeadLetter(Guid message, Exception exception)
    {
        if (breaker.State != BreakerState.Closed || breaker.Options.ConsecutiveFailures is not { } most)
            return;
        int count;
        lock (_inARow)
        {
            if (!_inARow.Add(message))
                return;
            count = _inARow.Count;
            _isFailing = true;
        }

        Record(exception, count >= most ? count : null);
    }

    /// <summary>A message that cannot be read goes to <c>_error</c>. It never reaches the admission, so it is its own probe.</summary>
    public void DeadLetterUnread(Guid message, Exception exception)
    {
        if (breaker.State == BreakerState.HalfOpen)
            Record(exception, null);
        else
            DeadLetter(message, exception);
    }

    void Record(Exception exception, int? tripsAt)
    {
        var permit = breaker.TryAcquire();
        var now = breaker.Now;
        if (tripsAt is not { } count)
        {
            breaker.Record(permit, new Classification(Outcome.Failure), exception, now, 0, now);
            return;
        }

        var why = string.Create(CultureInfo.InvariantCulture, $"{count} messages in a row ended in _error and none was handled");
        breaker.Record(
            permit, new Classification(Outcome.Failure, new ImmediateTrip(why, null) { Cause = TransitionCause.ConsecutiveFailures }), exception, now, 0, now);
        lock (_inARow)
            _inARow.Clear();
    }
}
