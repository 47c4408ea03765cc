namespace SampleWorkers.Shop;

/// <summary>What the shop depends on; the breakers have these names.</summary>
static class Dependencies
{
    public const string Payments = "payments";

    /// <summary>Payments, where there are two regions of it.</summary>
    public const string PaymentsEu = "payments-eu";

    public const string PaymentsUs = "payments-us";
    public const string Email = "email";
}
