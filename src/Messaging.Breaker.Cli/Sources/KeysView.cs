namespace Messaging.Breaker.Cli.Sources;

/// <summary>The keys of one breaker that is split.</summary>
/// <param name="Breaker">The breaker.</param>
/// <param name="Summary">How many are in which state.</param>
/// <param name="Keys">The worst, or those that were looked for.</param>
/// <param name="AreMore">There are more of these.</param>
sealed record KeysView(string Breaker, KeySummaryView Summary, IReadOnlyList<KeyView> Keys, bool AreMore);

/// <param name="Remembered">Keys that the instance remembers.</param>
/// <param name="Open">Keys that are open.</param>
/// <param name="HalfOpen">Keys that are probed.</param>
/// <param name="Isolated">Keys that an operator holds open.</param>
/// <param name="Emptying">Keys that are closed and have messages in a queue of their own still.</param>
/// <param name="Parked">Messages that wait in queues of keys; null if not known.</param>
/// <param name="ParkedBytes">How large they are.</param>
/// <param name="OldestParkedAt">None waits for longer.</param>
sealed record KeySummaryView(int Remembered, int Open, int HalfOpen, int Isolated, int Emptying, long? Parked, long? ParkedBytes, DateTimeOffset? OldestParkedAt);

sealed record KeyView(
    string Key, string State, DateTimeOffset Since, string Reason, DateTimeOffset? NextProbeAt, bool HasQueue, long Parked, long? ParkedBytes, DateTimeOffset? OldestParkedAt);
