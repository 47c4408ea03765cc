namespace SampleWorkers.Payments;

/// <summary>Observes every call that reaches the payments service, as the service sees it.</summary>
interface IPaymentsWatcher
{
    void Received(PaymentsCall call);

    void Charged(PaymentsCall call);
}

/// <param name="Caller">Who calls: the part of the path before /charges; empty if there is none.</param>
/// <param name="Mode">The mode in which it arrived.</param>
readonly record struct PaymentsCall(string Caller, Guid Order, PaymentsMode Mode);
