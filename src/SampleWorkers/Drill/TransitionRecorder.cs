using System.Collections.Concurrent;
using Messaging.Breaker;

namespace SampleWorkers.Drill;

/// <summary>The transitions of one breaker, in order.</summary>
sealed class TransitionRecorder
{
    readonly ConcurrentQueue<Transition> _transitions = new();

    public int Trips => _transitions.Count(transition => transition is { From: BreakerState.Closed, To: BreakerState.Open });

    public int Reopens => _transitions.Count(transition => transition is { From: BreakerState.HalfOpen, To: BreakerState.Open });

    public async Task WatchAsync(IBreakerRegistry registry, string breaker, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var transition in registry.WatchAsync(cancellationToken))
                if (transition.Breaker == breaker)
                    _transitions.Enqueue(transition);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>
    /// How much of the breaks was left when the dependency came back: the time until the last round of probes began before the breaker
    /// closed. No message can be handled earlier.
    /// </summary>
    public TimeSpan RestOfBreak(DateTimeOffset recovered)
    {
        var rounds = _transitions
            .SkipWhile(transition => transition.At <= recovered)
            .TakeWhile(transition => transition.To is not BreakerState.Closed)
            .Where(transition => transition.To is BreakerState.HalfOpen);
        return rounds.LastOrDefault() is { } last ? last.At - recovered : TimeSpan.Zero;
    }
}
