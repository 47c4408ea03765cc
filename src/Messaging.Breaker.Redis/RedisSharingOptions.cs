using Messaging.Breaker.Primitives;


namespace Messaging.Breaker;

/// <summary>How breakers are shared over Redis. Set in code and validated there; not thread-safe while being set.</summary>
public sealed class RedisSharingOptions : SharingOptions
{
    /// <summary>
    /// The beginning of the names of all keys and of the channel, as in <c>{orders}:states</c>. It is in braces, so that a cluster keeps
    /// the keys on one node. All instances of one fleet use the same prefix, and two fleets on one Redis use different ones. 1 to 100
    /// characters, no braces. Default "messaging-breaker".
    /// </summary>
    public string KeyPrefix { get; set; } = "messaging-breaker";

    /// <summary>
    /// How long the state outlives the last instance of the fleet. It does not expire while an instance is alive. From 1 minute to 1 year;
    /// default 7 days, which is longer than a queue is usually left alone.
    /// </summary>
    public TimeSpan StateExpiry { get; set; } = TimeSpan.FromDays(7);

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Validate()
    {
        foreach (var problem in base.Validate().Concat(Range(nameof(StateExpiry), StateExpiry, TimeSpan.FromMinutes(1), TimeSpan.FromDays(366))))
            yield return problem;
        if (KeyPrefix is not { Length: > 0 and <= 100 } || KeyPrefix.AsSpan().IndexOfAny('{', '}') >= 0)
            yield return Problem(nameof(KeyPrefix), KeyPrefix is null ? "null" : $"'{OneLine.Of(KeyPrefix, 100)}'", "must have 1 to 100 characters and no braces");
    }
}
