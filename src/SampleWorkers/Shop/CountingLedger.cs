namespace SampleWorkers.Shop;

/// <summary>Counts only, so that a worker may run for months.</summary>
sealed class CountingLedger : ILedger
{
    long _charged;
    long _receipts;

    public long Handled => Interlocked.Read(ref _charged);

    public long Receipts => Interlocked.Read(ref _receipts);

    public void Charged(Guid order) => Interlocked.Increment(ref _charged);

    public void ReceiptSent(Guid order) => Interlocked.Increment(ref _receipts);
}
