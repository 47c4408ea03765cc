using System.Collections.Immutable;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>
/// Chooses the dependency for a call: the first one whose breaker is closed. A message that holds a probe goes to the dependency that it
/// probes, because nothing else would discover that it is back.
/// </summary>
static class FirstClosed
{
    /// <exception cref="BreakerOpenException">No breaker admits a call; it names the one that will be probed first.</exception>
    public static CircuitBreaker Of(ImmutableArray<CircuitBreaker> breakers)
    {
        var message = InFlightMessage.Current is { IsRunning: true } running ? running : null;
        var chosen = breakers.FirstOrDefault(breaker => message?.Find(breaker) is { } attempt && AlternativeAttempt.IsProbe(attempt))
            ?? breakers.FirstOrDefault(breaker => breaker.AdmitsAll && message?.Find(breaker) is not { IsWithoutTurn: true, Breaker.Ramp: not null })
            ?? breakers.FirstOrDefault(breaker => breaker.AdmitsAll)
            ?? breakers.FirstOrDefault(breaker => breaker.ProbeLimit is not null && message?.Find(breaker)?.TryKeep() != false)
            // The result of the run if the handler ends with this exception.
            ?? breakers.FirstOrDefault(breaker => message?.Find(breaker)?.TryBegin() == true)
            ?? throw new Alternatives(breakers).Refusal();
        message?.Find(chosen)?.IsChosen = true;
        return chosen;
    }
}
