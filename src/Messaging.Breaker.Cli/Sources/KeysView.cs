namespace Messaging.Breaker.Cli.Sources;

/// <summary>The keys of one breaker that is split.</summary>
/// <param name="Breaker">The breaker.</param>
/// <param name="Summary">How many keys are in each state.</param>
/// <param name="Keys">The worst keys, or those that were searched for.</param>
/// <param name="AreMore">Whether there are more of these.</param>
sealed record KeysView(string Breaker, KeySummaryView Summary, IReadOnlyList<KeyView> Keys, bool AreMore);

/// <param name="Remembered">Keys that the instance remembers.</param>
/// <param name="Open">Keys that are open.</param>
/// <param name="HalfOpen">Keys that are half-open.</param>
/// <param name="Isolated">Keys that an operator holds open.</param>
/// <param name="Emptying">Keys that are closed and still have messages in their own queue.</param>
/// <param name="Parked">Messages that wait in queues of keys; null if not known.</param>
/// <param name="ParkedBytes">Their total size.</param>
/// <param name="OldestParkedAt">The earliest time at which any of them was parked.</param>
sealed record KeySummaryView(int Remembered, int Open, int HalfOpen, int Isolated, int Emptying, long? Parked, long? ParkedBytes, DateTimeOffset? OldestParkedAt);

sealed record KeyView(
    string Key, string State, DateTimeOffset Since, string Reason, DateTimeOffset? NextProbeAt, bool HasQueue, long Parked, long? ParkedBytes, DateTimeOffset? OldestParkedAt);
