using Messaging.Breaker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrderService;

static class WindowsExample
{
    public static void Plan(HostApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers
            .Add("payments")
            .PlanWindow("provider-maintenance", window =>
            {
                window.Breaker = "payments";
                window.Cron = "0 2 * * SUN";
                window.Duration = TimeSpan.FromHours(1.5);
                window.TimeZone = "Europe/Berlin";
                window.Reason = "their weekly maintenance";
            }));
    }
}

sealed class WindowTeller(IPlannedWindows windows, ILogger<WindowTeller> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var news in windows.WatchAsync(stoppingToken))
            logger.LogInformation("{Event}: {Window} until {End}", news.Event, news.Window.Name, news.Window.End);
    }
}
