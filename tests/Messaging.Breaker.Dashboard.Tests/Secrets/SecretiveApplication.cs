using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Tests.Secrets;

/// <summary>An application with every component that takes an address. The test sets one of them; the others work or are absent.</summary>
sealed class SecretiveApplication
{
    readonly string _queue = $"secrets-{Guid.NewGuid():N}";

    public required Uri Bus { get; set; }

    public Action<MessagingBreakerBuilder> Breakers { get; set; } = _ => { };

    public Action<QueueDepthOptions> Watch { get; set; } = _ => { };

    public Action<RabbitMqTransportOptions> Transport { get; set; } = _ => { };

    public Dictionary<string, string?> Settings { get; } = [];

    /// <summary>Runs until the awaited text is heard or the start is refused. The listener gets everything that it emits.</summary>
    /// <returns>The exception at start; null if it started.</returns>
    public async Task<Exception?> RunAsync(Eavesdropper listener, string? awaited)
    {
        try
        {
            await using var web = Build(listener);
            await web.StartAsync(TestContext.Current.CancellationToken);
            await ShowAsync(web, listener, awaited);
            await web.StopAsync(TestContext.Current.CancellationToken);
            return null;
        }
        catch (Exception exception) when (awaited is null)
        {
            listener.Hear($"{exception}");
            return exception;
        }
    }

    WebApplication Build(Eavesdropper listener)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(listener);
        builder.Services.AddRoutingCore().AddHealthChecks();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.Configure(Transport);
        builder.Services.AddMessagingBreaker(breakers =>
        {
            breakers.Add("payments").WatchQueues(options =>
            {
                options.SamplingInterval = TimeSpan.FromMilliseconds(100);
                (options.Rules.Paused.Raise, options.Rules.Paused.For) = (TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
                Watch(options);
            });
            Breakers(breakers);
        });
        builder.Services.AddMessagingBreakerDashboard();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(Bus);
                rabbit.UseMessagingBreaker(context);
                rabbit.ReceiveEndpoint(_queue, endpoint =>
                {
                    endpoint.UseBreaker("payments");
                    endpoint.Handler<Order>(_ => Task.CompletedTask);
                });
            });
        });
        var web = builder.Build();
        web.UseRouting();
        web.MapMessagingBreaker();
        return web;
    }

    static async Task ShowAsync(WebApplication web, Eavesdropper listener, string? awaited)
    {
        // This soon raises an alert.
        web.Services.GetRequiredService<IBreakerRegistry>()["payments"].Isolate("a test");
        if (awaited is not null)
            await IntegrationTests.Infrastructure.Eventually.Is(
                () => listener.Heard.Any(text => text.Contains(awaited, StringComparison.Ordinal)), $"'{awaited}' to be heard");
        listener.ReadGauges();
        var health = await web.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        foreach (var (name, entry) in health.Entries)
            listener.Hear($"{name} {entry.Description} {entry.Exception} {string.Join(' ', entry.Data)}");
        var page = new Uri(new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), "/breakers/");
        using var client = new HttpClient { BaseAddress = page };
        foreach (var path in new[] { "", "api/state", "api/history", "api/token" })
            listener.Hear(await client.GetStringAsync(path, TestContext.Current.CancellationToken));
    }

    public sealed record Order(Guid Id);
}
