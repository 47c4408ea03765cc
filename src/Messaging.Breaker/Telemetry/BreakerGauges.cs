using System.Diagnostics.Metrics;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// The metrics that are read at collection, so that counting them costs messages nothing. A state has a series for each value, 1 for the
/// current one. So an alert ends with a value and not with a missing one, which could also be a failed scrape.
/// </summary>
sealed class BreakerGauges(BreakerRegistry breakers, EndpointRegistry endpoints, TimeProvider time)
{
    public void AddTo(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.state", () => Each(breaker => OneOf(breaker.State, Tags.State, Named(breaker))),
            "{breaker}", "1 for the breaker's current state, 0 for the others.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.mode", () => Each(breaker => OneOf(breaker.Mode, Tags.Mode, Named(breaker))),
            "{breaker}", "1 for the breaker's current mode, 0 for the others.");
        meter.CreateObservableGauge(
            "messaging.breaker.time_in_state", () => Each(breaker => One((time.GetUtcNow() - breaker.GetSnapshot().Since).TotalSeconds, Named(breaker))),
            "s", "Time since the breaker's latest transition.");
        meter.CreateObservableCounter(
            "messaging.breaker.outcomes", () => Each(Outcomes), "{call}", "Outcomes of calls and messages, probes included.");
        meter.CreateObservableCounter(
            "messaging.breaker.probes", () => Each(Probes), "{probe}", "Probes that have ended.");
        meter.CreateObservableGauge(
            "messaging.breaker.ramp.limit", () => Each(breaker => One(breaker.Ramp?.Limit ?? 0, Named(breaker))),
            "{message}", "How many messages run at once while concurrency ramps up; 0 while there is no limit.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.keys", () => Each(Keys), "{key}", "Keys of a partitioned breaker that are open, half-open or isolated, by state.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.keys.parked", () => OfKeys(keys => keys.Parked), "{message}", "Messages in the queues of keys, counted within five seconds.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.keys.parked.size", () => OfKeys(keys => keys.ParkedBytes), "By",
            "The size of these messages' bodies: measured for those that this process parked, and estimated by their mean for the others.");
        meter.CreateObservableGauge(
            "messaging.breaker.keys.parked.age", () => OfKeys(OldestAge), "s", "How long the oldest of these messages has been parked, at most.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.endpoint.state", () => endpoints.Endpoints.SelectMany(endpoint =>
                OneOf(endpoint.State, Tags.EndpointState, Tags.Of(Tags.Endpoint, endpoint.Name))),
            "{endpoint}", "1 for the endpoint's current state, 0 for the others.");
    }

    static IEnumerable<Measurement<long>> Outcomes(CircuitBreaker breaker)
    {
        var counts = breaker.Counts;
        yield return Counted(breaker, Tags.Outcome, "success", counts.Successes + counts.Probes - counts.FailedProbes);
        yield return Counted(breaker, Tags.Outcome, "failure", counts.Failures + counts.FailedProbes);
        yield return Counted(breaker, Tags.Outcome, "slow", counts.Slow);
        yield return Counted(breaker, Tags.Outcome, "ignored", breaker.Ignored);
    }

    static IEnumerable<Measurement<long>> Probes(CircuitBreaker breaker)
    {
        var counts = breaker.Counts;
        yield return Counted(breaker, Tags.Outcome, "success", counts.Probes - counts.FailedProbes);
        yield return Counted(breaker, Tags.Outcome, "failure", counts.FailedProbes);
    }

    static IEnumerable<Measurement<long>> Keys(CircuitBreaker breaker)
    {
        if (breaker.Partition is not { } partition)
            yield break;
        var states = partition.Suspects.Select(key => key.Breaker?.State).OfType<BreakerState>().CountBy(state => state).ToDictionary();
        foreach (var state in SnakeCase.All<BreakerState>().Where(state => state != BreakerState.Closed))
            yield return Counted(breaker, Tags.State, SnakeCase.Of(state), states.GetValueOrDefault(state));
    }

    /// <summary>An unknown figure is no series, because a zero would say that no message waits.</summary>
    IEnumerable<Measurement<T>> OfKeys<T>(Func<BreakerKeySummary, T?> read) where T : struct => Each(breaker =>
        breaker.Partition is { } partition && read(partition.Summarize()) is { } value ? One(value, Named(breaker)) : []);

    double? OldestAge(BreakerKeySummary keys) =>
        keys.Parked == 0 ? 0 : keys.OldestParkedAt is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : null;

    static IEnumerable<Measurement<int>> OneOf<T>(T current, string tag, KeyValuePair<string, object?> whose) where T : struct, Enum =>
        SnakeCase.All<T>().Select(value => new Measurement<int>(current.Equals(value) ? 1 : 0, whose, Tags.Of(tag, SnakeCase.Of(value))));

    static IEnumerable<Measurement<T>> One<T>(T value, KeyValuePair<string, object?> whose) where T : struct => [new(value, whose)];

    static Measurement<long> Counted(CircuitBreaker breaker, string tag, string kind, long count) => new(count, Named(breaker), Tags.Of(tag, kind));

    static KeyValuePair<string, object?> Named(CircuitBreaker breaker) => Tags.Of(Tags.Breaker, breaker.Name);

    IEnumerable<Measurement<T>> Each<T>(Func<CircuitBreaker, IEnumerable<Measurement<T>>> read) where T : struct => breakers.All.SelectMany(read);
}
