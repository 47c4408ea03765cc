using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Dashboard.State;

/// <summary>Composes the current state from the registries and the queue monitor, if there is one.</summary>
sealed class StateReader(
    IBreakerRegistry breakers,
    IEndpointRegistry endpoints,
    History history,
    IHostEnvironment environment,
    IOptions<BreakerDashboardOptions> options,
    TimeProvider time,
    IQueueMonitor? queues = null)
{
    /// <summary>The page gets at most this many keys of each breaker each second.</summary>
    const int MostKeys = 10;

    readonly string _service = options.Value.ServiceName ?? environment.ApplicationName;

    public DashboardState Read()
    {
        var samples = queues?.Queues ?? [];
        var byName = samples.GroupBy(sample => sample.Queue).ToDictionary(group => group.Key, group => ViewOf(group.First()));
        var guarded = endpoints.Endpoints.Select(endpoint => ViewOf(endpoint, byName.GetValueOrDefault(endpoint.Name))).ToList();
        var names = guarded.Select(endpoint => endpoint.Name).ToHashSet();
        return new DashboardState(
            _service,
            Environment.MachineName,
            time.GetUtcNow(),
            queues is not null,
            [.. breakers.Breakers.Select(breaker => breaker.GetSnapshot())],
            history.Outages,
            guarded,
            [.. byName.Values.Where(queue => !names.Contains(queue.Name))],
            [.. samples.SelectMany(sample => sample.Alerts).DistinctBy(KeyOf).OrderByDescending(alert => alert.Severity).ThenBy(alert => alert.Since)]);
    }

    /// <summary>
    /// What is shown only for the present moment and not in the history: the keys, because going through many of them is expensive.
    /// </summary>
    public DashboardState ReadWithKeys() => Read() with
    {
        Keys = [.. breakers.Breakers.Where(breaker => breaker.Keys is not null).Select(breaker => KeysView.Of(breaker.Name, breaker.Keys!, "", MostKeys))],
    };

    static EndpointView ViewOf(EndpointSnapshot endpoint, QueueView? queue) => new(
        endpoint.Name,
        endpoint.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped),
        endpoint.State,
        endpoint.Limit,
        endpoint.Breakers,
        endpoint.Hold,
        queue)
    {
        Alternatives = endpoint.Alternatives,
    };

    static QueueView ViewOf(QueueSnapshot queue) => new(
        queue.Queue,
        queue.At,
        queue.Ready,
        queue.Unacknowledged,
        queue.Consumers,
        queue.ArrivalRate,
        queue.ServiceRate,
        queue.TimeUntilDrained?.TotalSeconds,
        queue.TimeUntilLoss?.TotalSeconds,
        queue.DeadLetters);

    /// <summary>An alert about a dependency is raised on each of its queues, but is one alert.</summary>
    static (string, string?, string) KeyOf(QueueAlert alert) => (alert.Rule, alert.Breaker, string.Join('\n', alert.Queues));
}
