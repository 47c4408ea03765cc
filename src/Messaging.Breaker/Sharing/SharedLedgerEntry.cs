namespace Messaging.Breaker;

/// <summary>An entry that a fleet's store keeps.</summary>
/// <param name="Id">By what it is known.</param>
/// <param name="Text">What was put. Other versions of the library may have written it.</param>
/// <param name="Age">How long ago it was put, by the store's clock.</param>
public sealed record SharedLedgerEntry(string Id, string Text, TimeSpan Age);
