using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Cli.Tests.Stores;

/// <summary>Hosts that share a breaker "payments", which probes only when it is told to.</summary>
sealed class FleetOfHosts(Action<MessagingBreakerBuilder, string> share) : IAsyncDisposable
{
    readonly List<IHost> _hosts = [];

    public IReadOnlyList<IBreaker> Payments => [.. _hosts.Select(host => host.Services.GetRequiredService<IBreakerRegistry>()["payments"])];

    public async Task<FleetOfHosts> WithAsync(params string[] instances)
    {
        foreach (var instance in instances)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Services.AddMessagingBreaker(breakers => share(breakers.Add("payments"), instance));
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
}
