using System.Collections.Concurrent;
using Messaging.Breaker;
using SampleWorkers.Payments;

namespace SampleWorkers.Drill;

/// <summary>Records the calls that the payments service saw, to be compared with the states of the workers' breakers at those times.</summary>
sealed class CallRecorder(DrillLedger ledger, KeyFigures? keys = null) : IPaymentsWatcher
{
    readonly ConcurrentQueue<Call> _calls = new();
    readonly TaskCompletionSource<DateTimeOffset> _firstSuccess = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool _recovered;
    int _chargedAgain;

    /// <summary>When the first order was charged by a call that began after the recovery.</summary>
    public DateTimeOffset? FirstSuccess => _firstSuccess.Task.IsCompleted ? _firstSuccess.Task.Result : null;

    /// <summary>How many orders were charged by calls that arrived after the recovery.</summary>
    public int ChargedAgain => Volatile.Read(ref _chargedAgain);

    public void Recovered() => _recovered = true;

    public void Received(PaymentsCall call)
    {
        keys?.Received(call);
        _calls.Enqueue(new Call(DateTimeOffset.UtcNow, call.Caller, call.Order, call.Mode is not PaymentsMode.Up));
    }

    public void Charged(PaymentsCall call)
    {
        ledger.Charged(call.Order);
        keys?.Charged(call.Order);
        if (!_recovered || call.Mode is not PaymentsMode.Up)
            return;
        Interlocked.Increment(ref _chargedAgain);
        _firstSuccess.TrySetResult(DateTimeOffset.UtcNow);
    }

    /// <summary>Calls during the outage by workers that had been closed since it began.</summary>
    public long CountBeforeTrip(FleetTimeline timeline)
    {
        var outage = _calls.Where(call => call.WasDown).ToList();
        return outage.Count(call => timeline.WasClosed(call.Worker, outage[0].At, call.At));
    }

    /// <summary>From the first call of the outage to the first trip.</summary>
    public TimeSpan? MeasureTrip(FleetTimeline timeline)
    {
        var first = _calls.Where(call => call.WasDown).Select(call => (DateTimeOffset?)call.At).FirstOrDefault();
        return first is { } at ? timeline.FirstTripAfter(at) - at : null;
    }

    /// <summary>When orders that fail for ever were tried after that time, in order.</summary>
    public IReadOnlyList<DateTimeOffset> GetPoisonCalls(DateTimeOffset after) =>
        [.. _calls.Where(call => call.At > after && ledger.IsPoison(call.Order)).Select(call => call.At)];

    /// <summary>The number of probes in each round, by all workers together.</summary>
    public IReadOnlyList<int> CountProbes(FleetTimeline timeline)
    {
        var rounds = timeline.GetRounds();
        var probes = new int[rounds.Count];
        foreach (var call in _calls)
            for (var i = 0; i < rounds.Count; i++)
                if (call.At >= rounds[i].From && call.At < rounds[i].To && timeline.StateOf(call.Worker, call.At) is BreakerState.HalfOpen)
                    probes[i]++;
        return probes;
    }

    readonly record struct Call(DateTimeOffset At, string Worker, Guid Order, bool WasDown);
}
