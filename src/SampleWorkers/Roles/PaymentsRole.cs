using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using SampleWorkers.CommandLine;
using SampleWorkers.Payments;

namespace SampleWorkers.Roles;

static class PaymentsRole
{
    public static async Task<int> RunAsync(Uri urls, CancellationToken stop)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(urls.ToString()).UseShutdownTimeout(TimeSpan.FromSeconds(1)); // A hanging call does not delay the end.

        await using var web = builder.Build();
        web.MapPayments(new PaymentsService());
        await ((IHost)web).RunAsync(stop);
        return ExitCode.Success;
    }
}
