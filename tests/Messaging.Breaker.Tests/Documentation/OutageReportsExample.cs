using Messaging.Breaker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrderService;

sealed class OutageTeller(IOutageReports reports, ILogger<OutageTeller> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var outage in reports.WatchAsync(stoppingToken))
            logger.LogInformation("{Breaker} was away for {Length}, {Delayed} messages waited", outage.Breaker, outage.Length, outage.Delayed);
    }
}
