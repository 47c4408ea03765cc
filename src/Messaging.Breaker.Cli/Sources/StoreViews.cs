using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>Turns the states and the instances' reports in a store into views.</summary>
sealed class StoreViews(TimeProvider time)
{
    /// <summary>
    /// The breakers that ever changed, and those that the instances report in addition, which never left Closed. Endpoints' own breakers are
    /// not the fleet's.
    /// </summary>
    public IReadOnlyList<BreakerView> Breakers(IReadOnlyList<SharedBreakerState> states, IReadOnlyList<FleetReport> reports)
    {
        // Holds and other shared states have names that no breaker can have.
        var changed = states.Where(state => !state.Breaker.Contains(':', StringComparison.Ordinal)).Select(Of).ToList();
        var known = changed.Select(breaker => breaker.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var others = reports.SelectMany(report => report.Breakers.Where(breaker => !breaker.IsLocal && !known.Contains(breaker.Name)).Select(breaker => (breaker, report.Since)))
            .GroupBy(said => said.breaker.Name, StringComparer.OrdinalIgnoreCase)
            .Select(said => new BreakerView(
                said.First().breaker.Name, nameof(BreakerState.Closed), said.First().breaker.Mode.ToString(), "", said.Min(one => one.Since), null, null, null, null,
                said.Sum(one => one.breaker.Calls), said.Sum(one => one.breaker.FailedCalls)));
        return [.. changed.Concat(others).OrderBy(breaker => breaker.Name, StringComparer.Ordinal)];
    }

    /// <summary>The endpoints that instances report, each with its states on the instances, and those that the fleet holds.</summary>
    public IReadOnlyList<EndpointView> Endpoints(IReadOnlyList<SharedBreakerState> states, IReadOnlyList<FleetReport> reports)
    {
        var held = states.Select(OfHold).OfType<EndpointView>().ToDictionary(endpoint => endpoint.Name, StringComparer.OrdinalIgnoreCase);
        var reported = reports.Where(report => !report.IsSilent).SelectMany(report => report.Endpoints)
            .GroupBy(endpoint => endpoint.Name, StringComparer.OrdinalIgnoreCase).Select(said => Of([.. said], held)).ToList();
        var others = held.Values.Where(endpoint => !reported.Exists(other => string.Equals(other.Name, endpoint.Name, StringComparison.OrdinalIgnoreCase)));
        return [.. reported.Concat(others).OrderBy(endpoint => endpoint.Name, StringComparer.Ordinal)];
    }

    EndpointView Of(List<ReportedEndpoint> said, Dictionary<string, EndpointView> held)
    {
        var (name, counts) = (said[0].Name, said.CountBy(one => one.State).OrderBy(state => state.Key).ToList());
        var state = counts.Count == 1 ? $"{counts[0].Key}" : string.Join(", ", counts.Select(each => $"{each.Value} {each.Key}"));
        var running = said.Count(one => one.State is EndpointState.Running or EndpointState.Limited);
        var queue = said.Max(one => one.Waiting) is { } waiting ? new QueueView(name, time.GetUtcNow(), waiting, null, running, null, null, null, null, null) : null;
        return new EndpointView(name, state, null, [], held.GetValueOrDefault(name)?.Hold, queue);
    }

    /// <summary>Null if it is not a hold, or is over.</summary>
    public EndpointView? OfHold(SharedBreakerState state)
    {
        if (HoldName.EndpointOf(state.Breaker) is not { } endpoint || state.State != BreakerState.Isolated || state.Length <= state.Age)
            return null;
        var since = time.GetUtcNow() - state.Age;
        return new EndpointView(endpoint, nameof(EndpointState.Paused), null, [], new HoldView(state.Reason, since, since + state.Length, state.By, state.Instance), null);
    }

    public BreakerView Of(SharedBreakerState state)
    {
        var now = time.GetUtcNow();
        var since = now - state.Age;
        return new BreakerView(
            state.Breaker,
            state.State.ToString(),
            state.Mode?.ToString(),
            Words.Legible(state.Reason),
            since,
            null,
            state.State is BreakerState.Open or BreakerState.Isolated ? since + state.Length : null,
            state.Instance,
            null,
            null,
            null);
    }
}
