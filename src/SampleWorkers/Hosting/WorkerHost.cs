using System.Net;
using System.Net.Sockets;
using Messaging.Breaker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SampleWorkers.Hosting;

/// <summary>The host of a worker that is not configured by a file or the environment, with or without the dashboard page.</summary>
static class WorkerHost
{
    const string PagePath = "/breakers";
    const int UsualPort = 5170;

    /// <summary>Always the same address, unless it is in use: then a free one.</summary>
    public static Uri UsualPage => new($"http://127.0.0.1:{(IsFree(UsualPort) ? UsualPort : 0)}");

    /// <param name="page">Where to serve the page; null for no page and no web server.</param>
    /// <param name="configure">Adds the worker.</param>
    public static IHost Build(Uri? page, Action<IHostApplicationBuilder> configure)
    {
        if (page is null)
        {
            var bare = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            configure(bare);
            return bare.Build();
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(page.GetLeftPart(UriPartial.Authority));
        builder.Services.AddRoutingCore();
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error); // It warns of keys that are deliberately not kept here.
        builder.Services.AddMessagingBreakerDashboard();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider(); // Its tokens are useless to the next run.
        configure(builder);

        var web = builder.Build();
        web.UseRouting();
        web.MapMessagingBreaker(PagePath);
        return web;
    }

    /// <summary>Where the page is, once the host has started; null if it has none.</summary>
    public static Uri? FindPage(this IHost host) =>
        host.Services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
            ? new Uri(new Uri(address), PagePath)
            : null;

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
