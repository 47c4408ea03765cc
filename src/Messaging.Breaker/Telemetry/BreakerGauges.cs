using System.Diagnostics.Metrics;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// The metrics that are read off when somebody collects them, so that counting them costs no message anything. A state is one series for each
/// value it can have, 1 for the one that holds: an alert then ends by a value, not by the absence of one, which a failed scrape looks like too.
/// </summary>
sealed class BreakerGauges(BreakerRegistry breakers, EndpointRegistry endpoints, TimeProvider time)
{
    public void AddTo(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.state", () => Each(breaker => OneOf(breaker.State, Tags.State, Named(breaker))),
            "{breaker}", "1 for the state that the breaker is in, 0 for the others.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.mode", () => Each(breaker => OneOf(breaker.Mode, Tags.Mode, Named(breaker))),
            "{breaker}", "1 for the mode that the breaker is in, 0 for the others.");
        meter.CreateObservableGauge(
            "messaging.breaker.time_in_state", () => Each(breaker => One((time.GetUtcNow() - breaker.GetSnapshot().Since).TotalSeconds, Named(breaker))),
            "s", "Time since the breaker's latest transition.");
        meter.CreateObservableCounter(
            "messaging.breaker.outcomes", () => Each(Outcomes), "{call}", "Outcomes of calls and messages, probes included.");
        meter.CreateObservableCounter(
            "messaging.breaker.probes", () => Each(Probes), "{probe}", "Probes that have ended.");
        meter.CreateObservableGauge(
            "messaging.breaker.ramp.limit", () => Each(breaker => One(breaker.Ramp?.Limit ?? 0, Named(breaker))),
            "{message}", "How many messages at once the dependency gets while concurrency ramps up; 0 while there is no limit.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.keys", () => Each(Keys), "{key}", "Keys of a partitioned breaker that are open, half-open or isolated, by state.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.keys.parked", () => OfKeys(keys => keys.Parked), "{message}", "Messages in the queues of keys, counted within five seconds.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.keys.parked.size", () => OfKeys(keys => keys.ParkedBytes), "By",
            "The size of these messages' bodies: what this process has parked, and the mean for others.");
        meter.CreateObservableGauge(
            "messaging.breaker.keys.parked.age", () => OfKeys(OldestAge), "s", "How long the oldest of these messages has been parked at most.");
        meter.CreateObservableUpDownCounter(
            "messaging.breaker.endpoint.state", () => endpoints.Endpoints.SelectMany(endpoint =>
                OneOf(endpoint.State, Tags.EndpointState, Tags.Of(Tags.Endpoint, endpoint.Name))),
            "{endpoint}", "1 for what the endpoint does, 0 for the others.");
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
        foreach (var state in Words.All<BreakerState>().Where(state => state != BreakerState.Closed))
            yield return Counted(breaker, Tags.State, Words.Of(state), states.GetValueOrDefault(state));
    }

    /// <summary>What is not known is no series: a nought would say that nothing waits.</summary>
    IEnumerable<Measurement<T>> OfKeys<T>(Func<BreakerKeySummary, T?> read) where T : struct => Each(breaker =>
        breaker.Partition is { } partition && read(partition.Summarize()) is { } value ? One(value, Named(breaker)) : []);

    double? OldestAge(BreakerKeySummary keys) =>
        keys.Parked == 0 ? 0 : keys.OldestParkedAt is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : null;

    static IEnumerable<Measurement<int>> OneOf<T>(T current, string tag, KeyValuePair<string, object?> whose) where T : struct, Enum =>
        Words.All<T>().Select(value => new Measurement<int>(current.Equals(value) ? 1 : 0, whose, Tags.Of(tag, Words.Of(value))));

    static IEnumerable<Measurement<T>> One<T>(T value, KeyValuePair<string, object?> whose) where T : struct => [new(value, whose)];

    static Measurement<long> Counted(CircuitBreaker breaker, string tag, string kind, long count) => new(count, Named(breaker), Tags.Of(tag, kind));

    static KeyValuePair<string, object?> Named(CircuitBreaker breaker) => Tags.Of(Tags.Breaker, breaker.Name);

    IEnumerable<Measurement<T>> Each<T>(Func<CircuitBreaker, IEnumerable<Measurement<T>>> read) where T : struct => breakers.All.SelectMany(read);
}
