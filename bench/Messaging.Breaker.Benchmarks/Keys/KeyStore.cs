using System.Globalization;
using Messaging.Breaker.Benchmarks.Growth;
using Messaging.Breaker.Breakers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Messaging.Breaker.Benchmarks.Keys;

/// <summary>Measures what Redis has to do for instances in which nothing happens, with keys and without.</summary>
static class KeyStore
{
    const int Instances = 10;

    public static async Task<string> MeasureAsync(string redis, int keys, TimeSpan length)
    {
        var without = await CountAsync(redis, 0, length);
        var with = await CountAsync(redis, keys, length);
        return Table.Write(
            "The store while nothing happens",
            $"Operations a second of a Redis by which {Instances} instances share one breaker, over {length.TotalSeconds:0} s. Only keys that are not closed are shared. Target: no more than without keys.",
            ["closed keys in each instance", "operations a second"],
            ["0", Table.Number(without, 2)],
            [Table.Number(keys, 0), Table.Number(with, 2)]);
    }

    static async Task<double> CountAsync(string redis, int keys, TimeSpan length)
    {
        var prefix = $"bench-{Guid.NewGuid():N}";
        var hosts = new List<IHost>();
        for (var instance = 0; instance < Instances; instance++)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Services.AddMessagingBreaker(breakers => breakers
                .Add("webhooks", options => options.PartitionByHeader("customer"))
                .ShareOverRedis(redis, options => (options.KeyPrefix, options.StateExpiry) = (prefix, TimeSpan.FromMinutes(10))));
            hosts.Add(builder.Build());
            await hosts[^1].StartAsync();
            var partition = hosts[^1].Services.GetRequiredService<BreakerRegistry>().Get("webhooks").Partition!;
            for (var key = 0; key < keys; key++)
                partition.Enter(string.Create(CultureInfo.InvariantCulture, $"customer-{key}"))!.Leave(hasRun: true);
        }

        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis},allowAdmin=true");
        var server = connection.GetServers()[0];
        await Task.Delay(TimeSpan.FromSeconds(2));
        await server.ConfigResetStatisticsAsync();
        await Task.Delay(length);
        var calls = (await server.InfoAsync("commandstats")).Single()
            .Sum(line => double.Parse(line.Value.Split('=', ',')[1], CultureInfo.InvariantCulture));
        await Task.WhenAll(hosts.Select(host => host.StopAsync()));
        hosts.ForEach(host => host.Dispose());
        return calls / length.TotalSeconds;
    }
}
