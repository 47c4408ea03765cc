using System.Collections.Immutable;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// Which of several dependencies a call should go to: the first whose breaker is closed. A message that holds a probe goes where it is to probe,
/// since nobody else would find out that that one is back.
/// </summary>
static class FirstClosed
{
    /// <exception cref="BreakerOpenException">None admits a call; it is that of the one that is to be probed first.</exception>
    public static CircuitBreaker Of(ImmutableArray<CircuitBreaker> breakers)
    {
        var message = InFlightMessage.Current is { IsRunning: true } running ? running : null;
        var chosen = breakers.FirstOrDefault(breaker => message?.Find(breaker) is { } attempt && AlternativeAttempt.IsProbe(attempt))
            ?? breakers.FirstOrDefault(breaker => breaker.AdmitsAll && message?.Find(breaker) is not { IsWithoutTurn: true, Breaker.Ramp: not null })
            ?? breakers.FirstOrDefault(breaker => breaker.AdmitsAll)
            ?? breakers.FirstOrDefault(breaker => breaker.ProbeLimit is not null && message?.Find(breaker)?.TryKeep() != false)
            // What the run comes to, if the handler ends in this.
            ?? breakers.FirstOrDefault(breaker => message?.Find(breaker)?.TryBegin() == true)
            ?? throw new Alternatives(breakers).Refusal();
        message?.Find(chosen)?.IsChosen = true;
        return chosen;
    }
}
