using SampleWorkers.Payments;

namespace SampleWorkers.Drill;

/// <summary>A region of payments that never goes down, with a count of the orders that it has charged.</summary>
sealed class SecondRegion : IPaymentsWatcher
{
    readonly DrillLedger _ledger;
    int _charged;

    public SecondRegion(DrillLedger ledger)
    {
        _ledger = ledger;
        Payments = new PaymentsService(this);
    }

    public PaymentsService Payments { get; }

    public int Handled => Volatile.Read(ref _charged);

    void IPaymentsWatcher.Received(PaymentsCall call)
    {
        // Only calls to the first region are counted.
    }

    void IPaymentsWatcher.Charged(PaymentsCall call)
    {
        Interlocked.Increment(ref _charged);
        _ledger.Charged(call.Order);
    }
}
