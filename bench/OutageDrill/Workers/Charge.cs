namespace OutageDrill.Workers;

/// <summary>The message. Published as plain JSON, which both frameworks document how to take in.</summary>
public sealed record Charge(int Order);
