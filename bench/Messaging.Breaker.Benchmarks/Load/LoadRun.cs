using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Messaging.Breaker.Benchmarks.Growth;
using Messaging.Breaker.Benchmarks.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Benchmarks.Load;

/// <summary>Measures what the page costs a host with far more breakers and clients than there should be.</summary>
static class LoadRun
{
    const int Streams = 500;

    public static async Task RunAsync(bool quick)
    {
        var report = $"# More than there should be\n\n{ReportHeader.Write($"dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- load{(quick ? " --quick" : "")}")}\n\n";
        var watched = TimeSpan.FromSeconds(quick ? 10 : 60);
        var rows = new List<string[]>();
        foreach (var breakers in (int[])[10, 10_000])
            rows.Add(await MeasureAsync(breakers, watched));
        report += Table.Write(
            "The page",
            $"{Streams} clients open the stream of events and read nothing of it for {watched.TotalSeconds} s, in which a breaker changes twice a second. Megabytes of the process before they come, the most while they are there, and after they have gone; then what a client that reads waits for a state, in milliseconds, meanwhile.",
            ["breakers", "kilobytes of a state", "before", "the most", "afterwards", "a state takes"],
            [.. rows]);
        await ResultFile.WriteAsync(quick ? "load-quick.md" : "load.md", report);
    }

    static async Task<string[]> MeasureAsync(int breakers, TimeSpan watched)
    {
        await using var host = await StartAsync(breakers);
        var address = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        using var client = new HttpClient { BaseAddress = address };
        var state = await client.GetByteArrayAsync(new Uri("breakers/api/state", UriKind.Relative));
        var before = Megabytes();
        var idle = new List<TcpClient>();
        for (var number = 0; number < Streams; number++)
            idle.Add(await OpenAsync(address));

        var (most, slowest) = (before, 0.0);
        var breaker = host.Services.GetRequiredService<IBreakerRegistry>()["breaker-0"];
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < watched;)
        {
            breaker.Isolate("a change");
            await Task.Delay(500);
            breaker.Reset("another");
            await Task.Delay(500);
            var asked = Stopwatch.GetTimestamp();
            await client.GetByteArrayAsync(new Uri("breakers/api/state", UriKind.Relative));
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            most = Math.Max(most, Megabytes());
        }

        foreach (var stream in idle)
            stream.Dispose();
        await Task.Delay(TimeSpan.FromSeconds(5));
        GC.Collect();
        return [Table.Number(breakers, 0), Table.Number(state.Length / 1024.0, 0), Table.Number(before, 0), Table.Number(most, 0), Table.Number(Megabytes(), 0), Table.Number(slowest, 0)];
    }

    static async Task<WebApplication> StartAsync(int breakers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMessagingBreaker(added =>
        {
            for (var number = 0; number < breakers; number++)
                added.Add($"breaker-{number}");
        });
        builder.Services.AddMessagingBreakerDashboard();
        var host = builder.Build();
        host.MapMessagingBreaker();
        await host.StartAsync();
        return host;
    }

    /// <summary>Requests the stream and never reads it.</summary>
    static async Task<TcpClient> OpenAsync(Uri address)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        await client.GetStream().WriteAsync("GET /breakers/api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        return client;
    }

    static double Megabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1048576.0;
    }
}
