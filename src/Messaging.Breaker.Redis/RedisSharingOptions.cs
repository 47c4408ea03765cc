using Messaging.Breaker.Breakers;

namespace Messaging.Breaker;

/// <summary>How breakers are shared by Redis. Set in code and validated there; not thread-safe while being set.</summary>
public sealed class RedisSharingOptions : SharingOptions
{
    /// <summary>
    /// With what every key and the channel begin, as in <c>{orders}:states</c>; in braces, so that a cluster keeps them on one node. All
    /// instances of one fleet have the same, and two fleets on one Redis different ones. 1 to 100 characters, no braces. Default
    /// "messaging-breaker".
    /// </summary>
    public string KeyPrefix { get; set; } = "messaging-breaker";

    /// <summary>
    /// How long the state outlives the last instance of the fleet; while one lives it does not expire. From 1 minute to 1 year; default 7
    /// days, which is longer than anybody leaves a queue alone.
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
