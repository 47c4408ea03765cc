namespace Messaging.Breaker;

/// <summary>An operator's hold on an endpoint, independent of its breakers.</summary>
/// <param name="Reason">Why, in the operator's words.</param>
/// <param name="Since">When it began (UTC).</param>
/// <param name="Until">When it ends automatically (UTC); null for never. For a hold of the fleet, the store's clock decides.</param>
public sealed record EndpointHold(string Reason, DateTimeOffset Since, DateTimeOffset? Until)
{
    /// <summary>Who ordered it; null if not specified.</summary>
    public string? By { get; init; }

    /// <summary>
    /// The instance on which it was ordered, if it holds the endpoint on every instance of the fleet; null if it holds it on this instance
    /// only.
    /// </summary>
    public string? Instance { get; init; }

    /// <summary>Whether it holds the endpoint on every instance of the fleet.</summary>
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

/// <summary>The outcome of an order to pause or resume an endpoint.</summary>
public enum HoldOutcome
{
    /// <summary>Done on this instance only, because the order said so, or because no store is shared.</summary>
    ThisInstance,

    /// <summary>Done for the fleet: the store has the order, and every instance that reaches the store follows it.</summary>
    Fleet,

    /// <summary>
    /// Done on this instance. The store is out of reach, and the fleet gets the order when it is back. Until then, the other instances
    /// continue as they were.
    /// </summary>
    FleetWhenStoreIsBack,

    /// <summary>
    /// The endpoint stays held: the fleet holds it, and the order was for this instance only, or did not know of that hold. Check the hold,
    /// and resume the endpoint for the fleet if you want it to run.
    /// </summary>
    HeldByFleet,
}
