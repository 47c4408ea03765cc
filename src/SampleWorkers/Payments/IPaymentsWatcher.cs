namespace SampleWorkers.Payments;

/// <summary>Sees every call that reaches the payments service, in the service's own eyes.</summary>
interface IPaymentsWatcher
{
    void Received(PaymentsMode mode);

    void Charged(PaymentsMode mode);
}
