using System.Collections.Immutable;

namespace Messaging.Breaker.Breakers;

/// <summary>
/// The breakers of dependencies that are alternatives, such as the regions of one service: one closed breaker is enough. A breaker that guards
/// alone is a group of one.
/// </summary>
sealed class Alternatives(ImmutableArray<CircuitBreaker> breakers)
{
    public ImmutableArray<CircuitBreaker> Breakers => breakers;

    /// <summary>The group has a single breaker.</summary>
    public bool IsOne => breakers.Length == 1;

    public bool IsLocal => breakers is [{ IsLocal: true }];

    /// <summary>One of the breakers admits any number of messages, so none has to wait.</summary>
    public bool IsAnyClosed => breakers.Any(breaker => breaker.AdmitsAll);

    /// <summary>All of the breakers hold messages back.</summary>
    public bool IsRefusing => breakers.All(breaker => breaker.IsRefusing);

    /// <summary>
    /// How many messages an endpoint may take at once while the breakers probe; null if they set no limit. A message probes only one of them,
    /// so each half-open breaker adds its own places: a hanging dependency does not keep another from being probed.
    /// </summary>
    public int? ProbeLimit => !IsAnyClosed && breakers.Sum(breaker => breaker.ProbeLimit ?? 0) is > 0 and var probes ? probes : null;

    /// <summary>The breakers let requests fail instead of pausing the endpoint. If they disagree, the endpoint is paused.</summary>
    public bool FailFastRequests => breakers.All(breaker => breaker.Options.FailFastRequests);

    /// <inheritdoc cref="CircuitBreaker.IsFailingFast"/>
    public bool IsFailingFast => breakers.All(breaker => breaker.IsFailingFast);

    /// <inheritdoc cref="CircuitBreaker.Changed"/>
    public Task Changed => IsOne ? breakers[0].Changed : Task.WhenAny(breakers.Select(breaker => breaker.Changed));

    /// <summary>Why an endpoint that the breakers refuse is paused.</summary>
    public string PauseReason => IsOne ? $"paused by breaker '{breakers[0].Name}'" : $"none of {Names} is closed";

    /// <summary>Why an endpoint that the breakers limit is limited.</summary>
    public string ProbeReason => $"breaker '{(breakers.FirstOrDefault(breaker => breaker.ProbeLimit is not null) ?? breakers[0]).Name}' is probing";

    string Names => string.Join(", ", breakers.Select(breaker => $"'{breaker.Name}'"));

    /// <summary>Whether the group has exactly these breakers, in any order.</summary>
    public bool Are(ImmutableArray<CircuitBreaker> others) => breakers.Length == others.Length && others.All(breakers.Contains);

    /// <summary>Whether another breaker of the group is closed now.</summary>
    public bool IsAnotherClosed(CircuitBreaker than) => breakers.Any(breaker => breaker != than && breaker.AdmitsAll);

    /// <summary>The refusal of the breaker that will be probed first.</summary>
    public BreakerOpenException Refusal() => breakers.Select(breaker => breaker.Refusal()).MinBy(refusal => refusal.RetryAfter ?? TimeSpan.MaxValue)!;
}
