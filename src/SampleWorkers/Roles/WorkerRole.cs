using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using SampleWorkers.CommandLine;
using SampleWorkers.Hosting;
using SampleWorkers.Mail;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Roles;

static class WorkerRole
{
    public static async Task<int> RunAsync(
        BrokerAddress broker, Uri payments, QueueType queueType, int prefetch, Uri urls, CancellationToken stop)
    {
        await BrokerConnection.EnsureReachableAsync(broker, stop);
        await using var mail = await LoopbackServer.StartAsync(web => web.MapMail(), stop);

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(urls.ToString());
        builder.Services.AddShop(
            new ShopSettings { Broker = broker, Payments = payments, Mail = mail.Address, QueueType = queueType, Prefetch = prefetch },
            new CountingLedger());

        await using var worker = builder.Build();
        worker.MapHealthChecks("/health");
        await ((IHost)worker).RunAsync(stop);
        return ExitCode.Success;
    }
}
