using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.QueueDepth;

/// <summary>Samples at an interval while the host runs. Created when the host starts, so that invalid options stop it then.</summary>
sealed class QueueMonitorService(
    QueueMonitor monitor, QueueMetrics metrics, AlertDelivery delivery, IOptions<QueueDepthOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Observe(monitor);
        delivery.Start();
        using var timer = new PeriodicTimer(options.Value.SamplingInterval, time);
        try
        {
            do
                await monitor.SampleAsync(stoppingToken).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }

        await delivery.StopAsync().ConfigureAwait(false);
    }
}
