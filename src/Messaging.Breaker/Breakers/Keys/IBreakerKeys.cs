namespace Messaging.Breaker;

/// <summary>The keys of a split breaker, such as its customers. Thread-safe.</summary>
public interface IBreakerKeys
{
    /// <summary>
    /// The keys that are not simply healthy: open, half-open, isolated, or with messages that still wait in the key's own queue. Those that
    /// have been so for longest come first.
    /// </summary>
    IReadOnlyList<BreakerKeySnapshot> NotClosed { get; }

    /// <summary>How many keys are currently remembered, at most <see cref="BreakerOptions.MaxKeys"/>.</summary>
    int Remembered { get; }

    /// <summary>
    /// The breaker of one key. You can trip, isolate, release and reset it like any other, even before the first message of the key has
    /// arrived. Keys are case-sensitive.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null or empty.</exception>
    IBreaker this[string key] { get; }

    /// <summary>How many keys are in each state, and how many messages wait for them.</summary>
    BreakerKeySummary Summarize();

    /// <summary>
    /// The keys of <see cref="NotClosed"/> that matter most: open and half-open keys first, then isolated ones, then those that only have
    /// messages to catch up with. Within each group, keys with the most parked messages come first, and then those that have been so for
    /// longest.
    /// </summary>
    /// <param name="most">The highest number of keys; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is negative.</exception>
    IReadOnlyList<BreakerKeySnapshot> Worst(int most);

    /// <summary>
    /// The remembered keys that contain a text, whatever their state; not case-sensitive. A key that equals the text comes first, then the
    /// others in the order of <see cref="Worst"/>, healthy ones last. A healthy key that has not appeared for long may have been forgotten,
    /// and can be steered anyway.
    /// </summary>
    /// <param name="text">The text; empty for all.</param>
    /// <param name="most">The highest number of keys; 0 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is negative.</exception>
    IReadOnlyList<BreakerKeySnapshot> Find(string text, int most);
}

/// <summary>One key of a split breaker at one moment.</summary>
public sealed record BreakerKeySnapshot
{
    /// <summary>The key; for a key of more than 200 characters, its beginning and a hash.</summary>
    public required string Key { get; init; }

    /// <summary>Its state.</summary>
    public required BreakerState State { get; init; }

    /// <summary>When it entered this state (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why it is in this state, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>When probing begins (UTC); null if the key is not open, or open without an end.</summary>
    public required DateTimeOffset? NextProbeAt { get; init; }

    /// <summary>Whether messages of the key may wait in its own queue.</summary>
    public required bool HasQueue { get; init; }

    /// <summary>How many messages wait there, counted within the last five seconds.</summary>
    public required long Parked { get; init; }

    /// <summary>
    /// The size of the bodies of these messages, in bytes. For messages that another instance or an earlier run has parked, the mean size
    /// is used; null if no message was seen from which to calculate it.
    /// </summary>
    public long? ParkedBytes { get; init; }

    /// <summary>
    /// No message of the key has been parked for longer than since this time (UTC); null if none waits, or if it is not known. Exact if
    /// this process parked the messages and no other instance parks messages of the key; otherwise the oldest may be younger.
    /// </summary>
    public DateTimeOffset? OldestParkedAt { get; init; }
}

/// <summary>The keys of a split breaker at one moment, in figures.</summary>
public sealed record BreakerKeySummary
{
    /// <inheritdoc cref="IBreakerKeys.Remembered"/>
    public required int Remembered { get; init; }

    /// <summary>Keys that are open.</summary>
    public required int Open { get; init; }

    /// <summary>Keys that are half-open.</summary>
    public required int HalfOpen { get; init; }

    /// <summary>Keys that an operator holds open.</summary>
    public required int Isolated { get; init; }

    /// <summary>Keys that are closed, and still have messages in their own queue.</summary>
    public required int Emptying { get; init; }

    /// <summary>
    /// How many messages wait in the queues of keys; null until all of these queues have been counted, for example right after a start.
    /// </summary>
    public required long? Parked { get; init; }

    /// <inheritdoc cref="BreakerKeySnapshot.ParkedBytes"/>
    public required long? ParkedBytes { get; init; }

    /// <inheritdoc cref="BreakerKeySnapshot.OldestParkedAt"/>
    public required DateTimeOffset? OldestParkedAt { get; init; }
}
