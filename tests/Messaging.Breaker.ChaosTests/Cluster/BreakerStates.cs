using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Messaging.Breaker.ChaosTests.Cluster;

/// <summary>The states of the workers' payments breakers, as the workers report them.</summary>
sealed class BreakerStates
{
    readonly ConcurrentDictionary<string, BreakerState> _states = new();
    readonly ConcurrentQueue<(string Worker, Transition Transition)> _transitions = new();

    public static string PathOf(string worker) => $"/transitions/{worker}";

    public void Map(IEndpointRouteBuilder web) => web.MapPost(PathOf("{worker}"), (string worker, Transition transition) =>
    {
        if (transition.Breaker != "payments")
            return;
        _states[worker] = transition.To;
        _transitions.Enqueue((worker, transition));
    });

    /// <summary>Forgets a worker's state, because a new process starts in its place.</summary>
    public void Forget(string worker) => _states.TryRemove(worker, out _);

    public int CountIn(BreakerState state) => _states.Values.Count(known => known == state);

    public bool IsAnyIn(BreakerState state) => _states.Values.Contains(state) || (state is BreakerState.Closed && _states.IsEmpty);

    /// <summary>How many rounds of probes have failed since then.</summary>
    public int CountFailedRounds(DateTimeOffset since) => _transitions.Count(
        told => told.Transition is { From: BreakerState.HalfOpen, Cause: TransitionCause.ProbesFailed } transition && transition.At > since);

    /// <summary>The most workers that were half-open at once since then. They share one clock, and each worker reports in order.</summary>
    public int MostProbersAtOnce(DateTimeOffset since)
    {
        var probers = new HashSet<string>();
        var most = 0;
        foreach (var (worker, transition) in _transitions.Where(told => told.Transition.At > since).OrderBy(told => told.Transition.At))
        {
            if (transition.To == BreakerState.HalfOpen)
                probers.Add(worker);
            else
                probers.Remove(worker);
            most = Math.Max(most, probers.Count);
        }

        return most;
    }
}
