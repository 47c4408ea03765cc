using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OutageDrill.Dependency;
using OutageDrill.Variants;

namespace OutageDrill.Workers;

/// <summary>The process of a variant's worker: an ordinary host with a console logger, and the variant's bus.</summary>
static class VariantHost
{
    public static async Task RunAsync(VariantSettings settings)
    {
        using var dependency = await DependencyClient.ConnectAsync(settings.DependencyPort);

        // An empty builder, so that neither a file nor the environment changes what is measured.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.AddSingleton(dependency);
        Catalog.Find(settings.Variant).Configure(builder, settings);

        using var host = builder.Build();
        await host.StartAsync();
        dependency.ReportReady();
        await dependency.Stopped;
        await host.StopAsync();
    }
}
