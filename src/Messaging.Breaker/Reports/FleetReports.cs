using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Reports;

/// <summary>Reads the reports of the instances.</summary>
sealed class FleetReports(FleetStore store, FleetRegistration registration, TimeProvider time) : IFleetReports
{
    static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);

    public async Task<IReadOnlyList<FleetReport>> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (store.Open() is not ISharedLedger lists)
            return [];
        var entries = await StoreCall.InTimeAsync(
            token => lists.ReadAsync(ReportFormat.List, token), registration.Options.StoreTimeout, time, cancellationToken).ConfigureAwait(false) ?? [];
        return
        [
            .. entries.OfType<SharedLedgerEntry>().Where(entry => entry.Age <= LongestSilence).Select(entry => ReportFormat.Read(entry, time)).OfType<FleetReport>()
                .OrderBy(report => report.Instance, StringComparer.Ordinal),
        ];
    }
}
