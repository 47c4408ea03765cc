namespace OutageDrill.Variants.Nothing;

/// <summary>What a worker does that says nothing about failures.</summary>
sealed class NothingVariant : MassTransitVariant
{
    public override string Id => "nothing";

    public override string Title => "MassTransit alone";
}
