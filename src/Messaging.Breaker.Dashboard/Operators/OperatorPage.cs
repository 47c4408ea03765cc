using Messaging.Breaker.Dashboard.Api;
using Messaging.Breaker.Sharing;
using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Operators;

/// <summary>Answers with the operators' actions in the fleet's ledger.</summary>
sealed class OperatorPage(FleetLedger fleet, TimeProvider time)
{
    readonly SharedAnswer<OperatorsView> _answer = new(time, () => AskAsync(fleet));

    public async Task<IResult> ShowAsync() => TypedResults.Json(await _answer.ReadAsync().ConfigureAwait(false), OperatorPageJson.Default.OperatorsView);

    static async Task<OperatorsView> AskAsync(FleetLedger fleet)
    {
        var isShared = fleet.IsShared;
        try
        {
            var entries = await fleet.ReadAsync(OperatorEntry.List, CancellationToken.None).ConfigureAwait(false);
            return new OperatorsView(
                isShared, [.. entries.OfType<SharedLedgerEntry>().Select(entry => OperatorEntry.Read(entry.Text)).OfType<OperatorEntry>().OrderByDescending(entry => entry.At)], null);
        }
        catch (Exception exception)
        {
            return new OperatorsView(isShared, [], exception.Message);
        }
    }
}
