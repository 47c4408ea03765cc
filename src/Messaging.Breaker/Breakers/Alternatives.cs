using System.Collections.Immutable;

namespace Messaging.Breaker.Breakers;

/// <summary>
/// The breakers of dependencies that can stand in for each other, as the regions of one service do: one that is closed is enough. A breaker that
/// guards alone is a group of one.
/// </summary>
sealed class Alternatives(ImmutableArray<CircuitBreaker> breakers)
{
    public ImmutableArray<CircuitBreaker> Breakers => breakers;

    /// <summary>There is nothing to choose from.</summary>
    public bool IsOne => breakers.Length == 1;

    public bool IsLocal => breakers is [{ IsLocal: true }];

    /// <summary>Whether messages need wait for nobody: one of them admits as many as there are.</summary>
    public bool IsAnyClosed => breakers.Any(breaker => breaker.AdmitsAll);

    /// <summary>Messages are kept from all of them.</summary>
    public bool IsRefusing => breakers.All(breaker => breaker.IsRefusing);

    /// <summary>
    /// How many messages at once an endpoint may take while they probe; null when they set no limit. A message probes one of them, so each that is
    /// half-open has places of its own: one that hangs does not keep another from being asked.
    /// </summary>
    public int? ProbeLimit => !IsAnyClosed && breakers.Sum(breaker => breaker.ProbeLimit ?? 0) is > 0 and var probes ? probes : null;

    /// <summary>They let requests fail instead of pausing the endpoint. Where they do not agree, it is paused.</summary>
    public bool FailFastRequests => breakers.All(breaker => breaker.Options.FailFastRequests);

    /// <inheritdoc cref="CircuitBreaker.IsFailingFast"/>
    public bool IsFailingFast => breakers.All(breaker => breaker.IsFailingFast);

    /// <inheritdoc cref="CircuitBreaker.Changed"/>
    public Task Changed => IsOne ? breakers[0].Changed : Task.WhenAny(breakers.Select(breaker => breaker.Changed));

    /// <summary>Why an endpoint is paused that they refuse.</summary>
    public string PauseReason => IsOne ? $"paused by breaker '{breakers[0].Name}'" : $"none of {Names} is closed";

    /// <summary>Why an endpoint is limited that they limit.</summary>
    public string ProbeReason => $"breaker '{(breakers.FirstOrDefault(breaker => breaker.ProbeLimit is not null) ?? breakers[0]).Name}' is probing";

    string Names => string.Join(", ", breakers.Select(breaker => $"'{breaker.Name}'"));

    /// <summary>Whether they are these, in whatever order.</summary>
    public bool Are(ImmutableArray<CircuitBreaker> others) => breakers.Length == others.Length && others.All(breakers.Contains);

    /// <summary>What cannot be done by this one can be done by another, now.</summary>
    public bool IsAnotherClosed(CircuitBreaker than) => breakers.Any(breaker => breaker != than && breaker.AdmitsAll);

    /// <summary>The refusal of the one that is to be probed first.</summary>
    public BreakerOpenException Refusal() => breakers.Select(breaker => breaker.Refusal()).MinBy(refusal => refusal.RetryAfter ?? TimeSpan.MaxValue)!;
}
