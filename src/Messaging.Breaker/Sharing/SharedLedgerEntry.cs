namespace Messaging.Breaker;

/// <summary>An entry in a list that a fleet's store keeps.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="Text">The entry's text. Another version of the library may have written it.</param>
/// <param name="Age">How long ago it was written, by the store's clock.</param>
public sealed record SharedLedgerEntry(string Id, string Text, TimeSpan Age);
