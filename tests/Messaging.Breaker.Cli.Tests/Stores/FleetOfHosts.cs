using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Cli.Tests.Stores;

/// <summary>Hosts that share a breaker "payments", each with an endpoint "charge-order".</summary>
sealed class FleetOfHosts(Action<MessagingBreakerBuilder, string> share) : IAsyncDisposable
{
    readonly List<IHost> _hosts = [];

    public IReadOnlyList<IBreaker> Payments => [.. _hosts.Select(host => host.Services.GetRequiredService<IBreakerRegistry>()["payments"])];

    public IEnumerable<EndpointSnapshot> Endpoints => _hosts.Select(host => host.Services.GetRequiredService<IEndpointRegistry>().Endpoints[0]);

    public async Task<FleetOfHosts> WithAsync(params string[] instances)
    {
        foreach (var instance in instances)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Services.AddMessagingBreaker(breakers => share(breakers.Add("payments"), instance));
            builder.Services.AddMassTransit(bus =>
            {
                bus.DisableUsageTelemetry();
                bus.UsingInMemory((context, memory) =>
                {
                    memory.UseMessagingBreaker(context);
                    memory.ReceiveEndpoint("charge-order", endpoint =>
                    {
                        endpoint.UseBreaker("payments");
                        endpoint.Handler<Order>(_ => Task.CompletedTask);
                    });
                });
            });
            var host = builder.Build();
            _hosts.Add(host);
            await host.StartAsync(TestContext.Current.CancellationToken);
        }

        return this;
    }

    public async Task StopAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync(TestContext.Current.CancellationToken);
            host.Dispose();
        }

        _hosts.Clear();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    public sealed record Order(int Number);
}
