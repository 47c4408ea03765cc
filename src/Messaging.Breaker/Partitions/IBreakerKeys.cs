namespace Messaging.Breaker;

/// <summary>The keys of a partitioned breaker, such as its customers. Thread-safe.</summary>
public interface IBreakerKeys
{
    /// <summary>
    /// The keys that are not simply healthy: open, half-open, isolated, or with messages still in a queue of their own. The one that has been so for
    /// longest is first.
    /// </summary>
    IReadOnlyList<BreakerKeySnapshot> NotClosed { get; }

    /// <summary>How many keys are remembered at this moment, at most <see cref="BreakerOptions.MaxKeys"/>.</summary>
    int Remembered { get; }

    /// <summary>
    /// The breaker of one key, to be tripped, isolated, released and reset like any other, also before the first message of that key has come. Keys are
    /// compared with regard to case.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null or empty.</exception>
    IBreaker this[string key] { get; }

    /// <summary>How many keys are in which state, and what waits for them.</summary>
    BreakerKeySummary Summarize();

    /// <summary>
    /// Those of <see cref="NotClosed"/> that matter most: open and half-open ones first, then isolated ones, then those that only have messages to catch up
    /// with; of these the ones with the most parked messages, and then those that have been so for longest.
    /// </summary>
    /// <param name="most">How many at most; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is negative.</exception>
    IReadOnlyList<BreakerKeySnapshot> Worst(int most);

    /// <summary>
    /// The remembered keys that contain a text, whatever their state, without regard to case: the one that is exactly that text first, the others in the order of
    /// <see cref="Worst"/>, healthy ones last. A healthy key that has not come for long may be forgotten, and can be steered all the same.
    /// </summary>
    /// <param name="text">The text; empty for all.</param>
    /// <param name="most">How many at most; 0 or more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is negative.</exception>
    IReadOnlyList<BreakerKeySnapshot> Find(string text, int most);
}

/// <summary>One key of a partitioned breaker at one moment.</summary>
public sealed record BreakerKeySnapshot
{
    /// <summary>The key; of one of more than 200 characters the beginning, and a hash.</summary>
    public required string Key { get; init; }

    /// <summary>Its state.</summary>
    public required BreakerState State { get; init; }

    /// <summary>Since when (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why it is in this state, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>When probing begins (UTC); null if it is not open, or open without an end.</summary>
    public required DateTimeOffset? NextProbeAt { get; init; }

    /// <summary>Messages of it may wait in a queue of their own.</summary>
    public required bool HasQueue { get; init; }

    /// <summary>How many messages wait there, counted within the last five seconds.</summary>
    public required long Parked { get; init; }

    /// <summary>
    /// How large the bodies of these messages are, in bytes. Of messages that another instance or an earlier run has parked the mean size is taken; null if
    /// none was seen from which it could be.
    /// </summary>
    public long? ParkedBytes { get; init; }

    /// <summary>
    /// None of these messages has been parked for longer (UTC); null if none waits, or that is not known. Exact for what this process has parked, while no
    /// other instance parks messages of the key; otherwise the oldest may be younger.
    /// </summary>
    public DateTimeOffset? OldestParkedAt { get; init; }
}

/// <summary>The keys of a partitioned breaker at one moment, in figures.</summary>
public sealed record BreakerKeySummary
{
    /// <inheritdoc cref="IBreakerKeys.Remembered"/>
    public required int Remembered { get; init; }

    /// <summary>Keys that are open.</summary>
    public required int Open { get; init; }

    /// <summary>Keys that are probed.</summary>
    public required int HalfOpen { get; init; }

    /// <summary>Keys that an operator holds open.</summary>
    public required int Isolated { get; init; }

    /// <summary>Keys that are closed, and have messages in a queue of their own still.</summary>
    public required int Emptying { get; init; }

    /// <summary>How many messages wait in queues of keys; null while some of these have not been counted, as at a start.</summary>
    public required long? Parked { get; init; }

    /// <inheritdoc cref="BreakerKeySnapshot.ParkedBytes"/>
    public required long? ParkedBytes { get; init; }

    /// <inheritdoc cref="BreakerKeySnapshot.OldestParkedAt"/>
    public required DateTimeOffset? OldestParkedAt { get; init; }
}
