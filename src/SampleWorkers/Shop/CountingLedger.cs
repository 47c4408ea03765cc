namespace SampleWorkers.Shop;

/// <summary>Only counts, so that a worker can run for months.</summary>
sealed class CountingLedger : ILedger
{
    long _charged;
    long _receipts;

    public long Handled => Interlocked.Read(ref _charged);

    public long Receipts => Interlocked.Read(ref _receipts);

    public void Charged(Guid order) => Interlocked.Increment(ref _charged);

    public void ReceiptSent(Guid order) => Interlocked.Increment(ref _receipts);
}
