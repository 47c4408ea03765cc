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
}
