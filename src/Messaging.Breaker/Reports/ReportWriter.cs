using System.Reflection;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Reports;

/// <summary>Composes this instance's report.</summary>
sealed class ReportWriter(BreakerRegistry breakers, IEndpointRegistry endpoints, FleetRegistration registration, TimeProvider time, IQueueMonitor? queues = null)
{
    static readonly string Application = VersionOf(Assembly.GetEntryAssembly());
    static readonly string Library = VersionOf(typeof(ReportWriter).Assembly);

    readonly long _began = time.GetTimestamp();

    /// <summary>The longest interval between reports. It is longer than the heartbeat, because a report costs the store more.</summary>
    public TimeSpan Beat => 2 * registration.Options.Heartbeat;

    /// <summary>What causes a report ahead of time when it changes.</summary>
    public string Essence() => string.Join('\n', breakers.All.Select(breaker => $"{breaker.Name} {breaker.State} {breaker.Mode}")
        .Concat(endpoints.Endpoints.Select(endpoint => $"{endpoint.Name} {endpoint.State} {endpoint.Hold?.Holder} {endpoint.Hold?.Reason}")));

    public string Write()
    {
        var waiting = (queues?.Queues ?? []).GroupBy(queue => queue.Queue).ToDictionary(group => group.Key, group => group.First().Ready);
        return ReportFormat.Write(new WrittenReport
        {
            Host = ReportFormat.Shorten(Environment.MachineName),
            Version = Application,
            Library = Library,
            UpSeconds = Math.Round(time.GetElapsedTime(_began).TotalSeconds, 1),
            BeatSeconds = Beat.TotalSeconds,
            Breakers = [.. breakers.All.Select(Report).OrderBy(breaker => breaker.State == BreakerState.Closed).ThenBy(breaker => breaker.IsLocal)],
            Endpoints =
            [
                .. endpoints.Endpoints.Select(endpoint => Report(endpoint, waiting.TryGetValue(endpoint.Name, out var ready) ? ready : null))
                    .OrderBy(endpoint => endpoint is { State: EndpointState.Running, HeldBecause: null }),
            ],
        });
    }

    /// <summary>The last report.</summary>
    public static string WriteEnd() => ReportFormat.Write(new WrittenReport { HasEnded = true });

    static ReportedBreaker Report(CircuitBreaker breaker)
    {
        var snapshot = breaker.GetSnapshot();
        return new ReportedBreaker
        {
            Name = snapshot.Name,
            State = snapshot.State,
            Mode = snapshot.Mode,
            Reason = snapshot.State == BreakerState.Closed ? "" : ReportFormat.Shorten(snapshot.Reason),
            IsLocal = breaker.IsLocal,
            Calls = snapshot.Calls,
            FailedCalls = snapshot.FailedCalls,
        };
    }

    static ReportedEndpoint Report(EndpointSnapshot endpoint, long? waiting) => new()
    {
        Name = endpoint.Name,
        State = endpoint.State,
        HeldBecause = endpoint.Hold is { } hold ? ReportFormat.Shorten(hold.Reason) : null,
        HeldBy = endpoint.Hold?.By,
        IsHeldForFleet = endpoint.Hold is { IsOfFleet: true },
        Handled = endpoint.Handled,
        Waiting = waiting,
    };

    static string VersionOf(Assembly? assembly) =>
        ReportFormat.Shorten((assembly?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+')[0]);
}
