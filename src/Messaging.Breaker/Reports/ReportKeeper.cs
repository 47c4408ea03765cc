using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Reports;

/// <summary>
/// Writes this instance's report to the fleet's store: when something has changed, and otherwise half as often as the heartbeat. Only this
/// class waits for the store.
/// </summary>
sealed class ReportKeeper(ReportWriter writer, FleetLedger fleet, TimeProvider time) : BackgroundService
{
    /// <summary>How often it checks for changes, which limits the cost of reports.</summary>
    static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(LongestGoodbye, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await PutAsync(ReportWriter.WriteEnd(), either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? said = null;
        var saidAt = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            var essence = writer.Essence();
            if (essence != said || time.GetElapsedTime(saidAt) >= writer.Beat)
            {
                saidAt = time.GetTimestamp();
                // What could not be written is written with the next beat. The loss of the store is logged elsewhere.
                await PutAsync(writer.Write(), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                said = essence;
            }

            var wait = writer.Beat < Look ? writer.Beat : Look;
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    Task PutAsync(string report, CancellationToken cancellationToken) => fleet.PutAsync(ReportFormat.List, ReportFormat.Shorten(fleet.Instance), report, cancellationToken);
}
