namespace SampleWorkers.Shop;

/// <summary>What the shop depends on; the breakers have these names.</summary>
static class Dependencies
{
    public const string Payments = "payments";
    public const string Email = "email";
}
