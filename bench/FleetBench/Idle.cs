using System.Globalization;
using StackExchange.Redis;

namespace FleetBench;

/// <summary>A large fleet in which nothing happens. Redis counts the calls of clients and also what its scripts do.</summary>
static class Idle
{
    const int Instances = 50;
    const int Breakers = 100;
    const double Limit = 50;
    static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    public static async Task<int> MeasureAsync(string redis)
    {
        await using var fleet = await Fleet.StartAsync(redis, Instances, Breakers);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis},allowAdmin=true");
        var server = connection.GetServers()[0];
        await Task.Delay(TimeSpan.FromSeconds(2));
        await server.ConfigResetStatisticsAsync();
        await Task.Delay(Length);
        var calls = (await server.InfoAsync("commandstats")).Single()
            .ToDictionary(line => line.Key["cmdstat_".Length..], line => double.Parse(line.Value.Split('=', ',')[1], CultureInfo.InvariantCulture));
        foreach (var (command, count) in calls.OrderByDescending(call => call.Value))
            Console.WriteLine($"  {command}: {count / Length.TotalSeconds:0.00} a second");
        var rate = calls.Values.Sum() / Length.TotalSeconds;
        Console.WriteLine($"{Breakers} breakers x {Instances} instances, nothing happens: {rate:0.0} operations a second (limit {Limit})");
        return rate < Limit ? 0 : 1;
    }
}
