namespace SampleWorkers.Shop;

/// <summary>Where the consumers record what they have done.</summary>
interface ILedger
{
    void Charged(Guid order);

    void ReceiptSent(Guid order);
}
