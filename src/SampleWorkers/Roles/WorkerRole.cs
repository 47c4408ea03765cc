using Messaging.Breaker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using SampleWorkers.CommandLine;
using SampleWorkers.Hosting;
using SampleWorkers.Mail;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Roles;

static class WorkerRole
{
    public static async Task<int> RunAsync(WorkerSettings settings, CancellationToken stop)
    {
        await BrokerConnection.EnsureReachableAsync(settings.Broker, stop);
        await using var mail = await LoopbackServer.StartAsync(web => web.MapMail(), stop);

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        if (settings.SettingsFile is { } file)
            builder.Configuration.AddJsonFile(file.FullName, optional: false, reloadOnChange: true);
        builder.WebHost.UseUrls(settings.Urls.ToString());
        builder.Services.AddShop(
            new ShopSettings
            {
                Broker = settings.Broker,
                Payments = settings.Payments,
                PaymentsTimeout = settings.PaymentsTimeout,
                Mail = mail.Address,
                QueueType = settings.QueueType,
                DeliveryLimit = settings.DeliveryLimit,
                QueuePrefix = settings.QueuePrefix,
                Prefetch = settings.Prefetch,
                WatchQueues = true,
            },
            new CountingLedger());
        builder.Services.AddTelemetry();
        builder.Services.AddMessagingBreakerDashboard();

        await using var worker = builder.Build();
        worker.MapTelemetry();
        worker.MapMessagingBreaker();
        await ((IHost)worker).RunAsync(stop);
        return ExitCode.Success;
    }
}
