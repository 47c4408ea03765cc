using SampleWorkers.Payments;

namespace SampleWorkers.Drill;

/// <summary>A region of payments that never goes down, with a count of what it has charged.</summary>
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
        // What is counted of calls is those that the first region gets.
    }

    void IPaymentsWatcher.Charged(PaymentsCall call)
    {
        Interlocked.Increment(ref _charged);
        _ledger.Charged(call.Order);
    }
}
