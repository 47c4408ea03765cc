using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Fleet;

/// <summary>Answers with what the instances of the fleet say. However many pages look, the store is asked at most once a second.</summary>
sealed class FleetPage(TimeProvider time, IFleetReports? reports = null)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    Task<FleetView>? _latest;
    long _askedAt;

    public async Task<IResult> ShowAsync() => TypedResults.Json(await ReadAsync().ConfigureAwait(false), FleetJson.Default.FleetView);

    Task<FleetView> ReadAsync()
    {
        if (reports is null)
            return Task.FromResult(new FleetView { IsShared = false });
        lock (_lock)
        {
            if (_latest is null || time.GetElapsedTime(_askedAt) >= Fresh)
                (_latest, _askedAt) = (AskAsync(reports), time.GetTimestamp());
            return _latest;
        }
    }

    /// <summary>Not for the one who asked first: others wait for the same answer, which comes within the time limit of the store.</summary>
    static async Task<FleetView> AskAsync(IFleetReports reports)
    {
        try
        {
            var read = await reports.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            return new FleetView { IsShared = true, Instances = read, Breakers = FleetSummary.Of(read) };
        }
        catch (Exception exception)
        {
            return new FleetView { IsShared = true, Problem = exception.Message };
        }
    }
}
