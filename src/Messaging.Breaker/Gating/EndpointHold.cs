namespace Messaging.Breaker;

/// <summary>An operator's hold on an endpoint, independent of its breakers.</summary>
/// <param name="Reason">Why, in the operator's words.</param>
/// <param name="Since">Since when (UTC).</param>
/// <param name="Until">When it ends by itself (UTC); null for never. Of a fleet's hold it is reckoned by the store's clock.</param>
public sealed record EndpointHold(string Reason, DateTimeOffset Since, DateTimeOffset? Until)
{
    /// <summary>Who ordered it; null if he did not say.</summary>
    public string? By { get; init; }

    /// <summary>The instance on which it was ordered, if it holds the endpoint on every instance of the fleet; null if it holds it on this instance only.</summary>
    public string? Instance { get; init; }

    /// <summary>It holds the endpoint on every instance of the fleet.</summary>
    public bool IsOfFleet => Instance is not null;

    /// <summary>Who holds it, in words.</summary>
    internal string Holder => (By, Instance) switch
    {
        (null, null) => "an operator",
        ({ } by, null) => by,
        (null, { } instance) => $"an operator for the fleet, on {instance}",
        ({ } by, { } instance) => $"{by} for the fleet, on {instance}",
    };
}

/// <summary>What became of an order to pause or to resume an endpoint.</summary>
public enum HoldOutcome
{
    /// <summary>Done on this instance only: because that was ordered, or because no store is shared.</summary>
    ThisInstance,

    /// <summary>Done for the fleet: its store has it, and every instance that reaches the store follows.</summary>
    Fleet,

    /// <summary>
    /// Done on this instance; the store is out of reach, and the fleet will be told when it is back. Until then the other instances go on as they
    /// were.
    /// </summary>
    FleetWhenStoreIsBack,

    /// <summary>
    /// The endpoint stays held all the same: the fleet holds it, and what was ordered concerns this instance only, or did not know of that hold. Look,
    /// and resume it for the fleet if that is what is wanted.
    /// </summary>
    HeldByFleet,
}
