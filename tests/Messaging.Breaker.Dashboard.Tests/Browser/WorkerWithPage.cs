using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>A worker on a real broker with its dashboard on the loopback interface.</summary>
sealed class WorkerWithPage : IAsyncDisposable
{
    readonly WebApplication _web;

    WorkerWithPage(WebApplication web) => _web = web;

    public IServiceProvider Services => _web.Services;

    public IBreakerRegistry Breakers => Services.GetRequiredService<IBreakerRegistry>();

    public Uri Page => new(new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), "/breakers/");

    /// <param name="address">Where the page is served; a free port if null.</param>
    public static async Task<WorkerWithPage> StartAsync(
        string name,
        RabbitMqNode node,
        Uri? address,
        Action<IServiceCollection> services,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> endpoints)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = name });
        builder.WebHost.UseKestrelCore().UseUrls(address?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        services(builder.Services);
        builder.Services.AddMessagingBreakerDashboard();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = true);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(node.AmqpAddress);
                rabbit.UseMessagingBreaker(context);
                endpoints(context, rabbit);
            });
        });

        var web = builder.Build();
        web.UseRouting();
        web.MapMessagingBreaker();
        await web.StartAsync();
        return new WorkerWithPage(web);
    }

    public Task<ISendEndpoint> GetSendEndpointAsync(string queue) =>
        Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"exchange:{queue}"));

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
    }
}
