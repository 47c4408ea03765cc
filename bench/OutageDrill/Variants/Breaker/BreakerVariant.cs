namespace OutageDrill.Variants.Breaker;

/// <summary>Our breaker with the default trip rule.</summary>
sealed class BreakerVariant : BreakerVariantBase
{
    public override string Id => "breaker";

    public override string Title => "Messaging.Breaker";
}
