namespace SampleWorkers.Payments;

/// <summary>Sees every call that reaches the payments service, in the service's own eyes.</summary>
interface IPaymentsWatcher
{
    void Received(PaymentsCall call);

    void Charged(PaymentsCall call);
}

/// <param name="Caller">Who calls: what stands before /charges in the path; empty if nothing does.</param>
/// <param name="Mode">The mode in which it arrived.</param>
readonly record struct PaymentsCall(string Caller, Guid Order, PaymentsMode Mode);
