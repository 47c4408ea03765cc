using Messaging.Breaker.Dashboard.Api;
using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Fleet;

/// <summary>Answers with the reports of the fleet's instances.</summary>
sealed class FleetPage(TimeProvider time, IFleetReports? reports = null)
{
    readonly SharedAnswer<FleetView> _answer = new(time, () => reports is null ? Task.FromResult(new FleetView { IsShared = false }) : AskAsync(reports));

    public async Task<IResult> ShowAsync() => TypedResults.Json(await _answer.ReadAsync().ConfigureAwait(false), FleetJson.Default.FleetView);

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
