using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FleetBench;

/// <summary>Hosts in one process that share their breakers.</summary>
sealed class Fleet : IAsyncDisposable
{
    readonly List<IHost> _hosts = [];

    public IReadOnlyList<IBreakerRegistry> Instances => [.. _hosts.Select(host => host.Services.GetRequiredService<IBreakerRegistry>())];

    public static async Task<Fleet> StartAsync(string redis, int instances, int breakers, Action<IServiceCollection>? configure = null)
    {
        var fleet = new Fleet();
        var prefix = $"bench-{Guid.NewGuid():N}";
        for (var instance = 0; instance < instances; instance++)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Services.AddMessagingBreaker(sharing =>
            {
                for (var breaker = 0; breaker < breakers; breaker++)
                    sharing.Add($"b{breaker}");
                sharing.ShareOverRedis(redis, options => (options.KeyPrefix, options.StateExpiry) = (prefix, TimeSpan.FromMinutes(10)));
            });
            configure?.Invoke(builder.Services);
            fleet._hosts.Add(builder.Build());
            await fleet._hosts[^1].StartAsync();
        }

        return fleet;
    }

    public T Get<T>() where T : notnull => _hosts[0].Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_hosts.Select(host => host.StopAsync()));
        foreach (var host in _hosts)
            host.Dispose();
    }
}
