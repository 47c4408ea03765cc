namespace SampleWorkers.Shop;

/// <summary>Where the consumers write down what they have done.</summary>
interface ILedger
{
    void Charged(Guid order);

    void ReceiptSent(Guid order);
}
