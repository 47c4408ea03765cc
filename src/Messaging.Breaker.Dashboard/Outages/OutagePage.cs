using Messaging.Breaker.Dashboard.Api;
using Messaging.Breaker.Outages;
using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Outages;

/// <summary>Answers with the latest outages.</summary>
sealed class OutagePage(IOutageReports reports, TimeProvider time)
{
    readonly SharedAnswer<OutagesView> _answer = new(time, () => AskAsync(reports));

    public async Task<IResult> ShowAsync() => TypedResults.Json(await _answer.ReadAsync().ConfigureAwait(false), OutagePageJson.Default.OutagesView);

    static async Task<OutagesView> AskAsync(IOutageReports reports)
    {
        var read = await reports.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        return new OutagesView([.. read.Outages.Select(OutageView.Of)], read.Problem);
    }
}
