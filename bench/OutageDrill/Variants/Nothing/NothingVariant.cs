namespace OutageDrill.Variants.Nothing;

/// <summary>A worker without any rule for failures.</summary>
sealed class NothingVariant : MassTransitVariant
{
    public override string Id => "nothing";

    public override string Title => "MassTransit alone";
}
