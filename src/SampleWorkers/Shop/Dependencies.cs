namespace SampleWorkers.Shop;

/// <summary>The shop's dependencies; the breakers have these names.</summary>
static class Dependencies
{
    public const string Payments = "payments";

    /// <summary>Payments, if it has two regions.</summary>
    public const string PaymentsEu = "payments-eu";

    public const string PaymentsUs = "payments-us";
    public const string Email = "email";
}
