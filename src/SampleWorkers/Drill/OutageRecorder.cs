using Messaging.Breaker;
using SampleWorkers.Payments;

namespace SampleWorkers.Drill;

/// <summary>What the payments service saw, set beside the state of the breaker at that moment.</summary>
sealed class OutageRecorder : IPaymentsWatcher
{
    readonly TaskCompletionSource<DateTimeOffset> _firstSuccess = new(TaskCreationOptions.RunContinuationsAsynchronously);
    IBreaker? _breaker;
    long _probes;
    long _callsBeforeTrip;
    volatile bool _tripped;
    volatile bool _recovered;

    public long Probes => Interlocked.Read(ref _probes);

    public long CallsBeforeTrip => Interlocked.Read(ref _callsBeforeTrip);

    /// <summary>When the first order was charged by a call that began after the recovery.</summary>
    public DateTimeOffset? FirstSuccess => _firstSuccess.Task.IsCompleted ? _firstSuccess.Task.Result : null;

    public void Watch(IBreaker breaker) => _breaker = breaker;

    public void Recovered() => _recovered = true;

    public void Received(PaymentsMode mode)
    {
        var state = _breaker?.State;
        if (state is BreakerState.HalfOpen)
            Interlocked.Increment(ref _probes);
        if (mode is PaymentsMode.Up)
            return;
        _tripped |= state is not BreakerState.Closed;
        if (!_tripped)
            Interlocked.Increment(ref _callsBeforeTrip);
    }

    public void Charged(PaymentsMode mode)
    {
        if (_recovered && mode is PaymentsMode.Up)
            _firstSuccess.TrySetResult(DateTimeOffset.UtcNow);
    }
}
