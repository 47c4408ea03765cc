using Messaging.Breaker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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
        await using var mail = settings.Mail is null ? await LoopbackServer.StartAsync(web => web.MapMail(), stop) : null;
        await using var worker = Build(settings, settings.Mail ?? mail!.Address);
        if (settings.EndWithInput)
            StandardInput.WhenEnded(worker.Lifetime.StopApplication);
        await ((IHost)worker).RunAsync(stop);
        return ExitCode.Success;
    }

    static WebApplication Build(WorkerSettings settings, Uri mail)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        if (settings.SettingsFile is { } file)
            builder.Configuration.AddJsonFile(file.FullName, optional: false, reloadOnChange: true);
        builder.WebHost.UseUrls(settings.Urls.ToString());
        if (settings.Report is { } report) // Before the bus, so that it ends after it.
            builder.Services.AddHostedService(services => new TransitionReporter(
                services.GetRequiredService<IBreakerRegistry>(), services.GetRequiredService<ILogger<TransitionReporter>>(), report));
        builder.Services.AddShop(
            new ShopSettings
            {
                Broker = settings.Broker,
                Payments = settings.Payments,
                SecondPayments = settings.SecondPayments,
                ByMerchant = settings.ByMerchant,
                PaymentsTimeout = settings.PaymentsTimeout,
                Mail = mail,
                QueueType = settings.QueueType,
                DeliveryLimit = settings.DeliveryLimit,
                SingleActiveConsumer = settings.SingleActiveConsumer,
                QueuePrefix = settings.QueuePrefix,
                Prefetch = settings.Prefetch,
                WatchQueues = true,
                Share = settings.Share,
                HoldUntilKnown = settings.HoldUntilKnown,
                PaymentsBreaker = (options, region) => options.ProbeWith(new Uri(region, "/health")),
            },
            new CountingLedger());
        builder.Services.AddTelemetry();
        builder.Services.AddMessagingBreakerDashboard();

        var worker = builder.Build();
        worker.MapTelemetry();
        worker.MapMessagingBreaker();
        return worker;
    }
}
