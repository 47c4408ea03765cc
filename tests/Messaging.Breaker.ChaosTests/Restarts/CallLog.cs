using Messaging.Breaker.ChaosTests.Shop;
using SampleWorkers.Payments;

namespace Messaging.Breaker.ChaosTests.Restarts;

/// <summary>All calls that reached the payments service, in order, and which of them succeeded first.</summary>
sealed class CallLog(Ledger ledger) : IPaymentsWatcher
{
    readonly Lock _lock = new();
    readonly List<string> _callers = [];
    int? _atFirstSuccess;

    public int Count
    {
        get
        {
            lock (_lock)
                return _callers.Count;
        }
    }

    public void Received(PaymentsCall call)
    {
        lock (_lock)
            _callers.Add(call.Caller);
    }

    public void Charged(PaymentsCall call)
    {
        lock (_lock)
            _atFirstSuccess ??= _callers.Count;
        ledger.Handled(call.Order);
    }

    /// <summary>The caller of each call from that point until a call succeeded.</summary>
    public IReadOnlyList<string> CallersUntilSuccess(int since)
    {
        lock (_lock)
            return _callers[since..(_atFirstSuccess ?? _callers.Count)];
    }
}
