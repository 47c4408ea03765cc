namespace OutageDrill.Workers;

/// <summary>The message. It is published as plain JSON, which both frameworks document how to receive.</summary>
public sealed record Charge(int Order);
