using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>A worker on a real broker that calls the endpoints of forty customers, with its dashboard; single customers can go down.</summary>
sealed class WebhookWorker : IAsyncDisposable
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    readonly WebApplication _web;
    readonly string _queue;
    readonly ConcurrentDictionary<string, string> _down;
    readonly CancellationTokenSource _closing = new();
    readonly Task _sending;

    WebhookWorker(WebApplication web, string queue, ConcurrentDictionary<string, string> down)
    {
        (_web, _queue, _down) = (web, queue, down);
        _sending = SendAsync(_closing.Token);
    }

    public static IReadOnlyList<string> Customers { get; } =
        ["acme", "globex", "initech", "umbrella", "wayne/eu", .. Enumerable.Range(1001, 35).Select(number => $"customer-{number}")];

    public Uri Page => new(new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), "/breakers/");

    public IBreakerKeys Keys => _web.Services.GetRequiredService<IBreakerRegistry>()["webhooks"].Keys!;

    public static async Task<WebhookWorker> StartAsync(RabbitMqNode node, string queue)
    {
        var down = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "webhooks-worker" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddMessagingBreaker(breakers => breakers
            .Add("webhooks", options =>
            {
                options.PartitionBy<Deliver>(message => message.Customer);
                (options.BreakDuration, options.MaxBreakDuration) = (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(6));
            })
            .WatchQueues(options =>
            {
                options.SamplingInterval = TimeSpan.FromMilliseconds(250);
                options.Rules.Keys.For = TimeSpan.FromSeconds(2);
            }));
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
                rabbit.ReceiveEndpoint(queue, endpoint =>
                {
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.UseBreaker("webhooks");
                    endpoint.Handler<Deliver>(message => down.TryGetValue(message.Message.Customer, out var why) ? throw new HttpRequestException(why) : Task.CompletedTask);
                });
            });
        });

        var web = builder.Build();
        web.UseRouting();
        web.MapMessagingBreaker();
        await web.StartAsync();
        return new WebhookWorker(web, queue, down);
    }

    public void TakeDown(string customer, string why) => _down[customer] = why;

    public void BringBack(string customer) => Assert.True(_down.TryRemove(customer, out _));

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _web.StopAsync();
        await _web.DisposeAsync();
        _closing.Dispose();
    }

    async Task SendAsync(CancellationToken cancellationToken)
    {
        var exchange = await _web.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"exchange:{_queue}"));
        using var ticks = new PeriodicTimer(Tick);
        while (await ticks.WaitForNextTickAsync(cancellationToken))
            await exchange.SendBatch(Customers.Select(customer => new Deliver(customer)), cancellationToken);
    }

    public sealed record Deliver(string Customer);
}
