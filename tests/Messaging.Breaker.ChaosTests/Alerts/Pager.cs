using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SampleWorkers.Hosting;

namespace Messaging.Breaker.ChaosTests.Alerts;

/// <summary>A webhook that records its calls. Each worker has its own address, so the webhook knows which one called.</summary>
sealed class Pager : IAsyncDisposable
{
    readonly ConcurrentQueue<Call> _calls = new();
    LoopbackServer? _server;

    public IReadOnlyList<Call> Calls => [.. _calls];

    public static async Task<Pager> StartAsync()
    {
        var pager = new Pager();
        pager._server = await LoopbackServer.StartAsync(
            web => web.MapPost("/{worker:int}", (int worker, JsonElement told) =>
            {
                pager._calls.Enqueue(new Call(worker, told.GetProperty("type").GetString()!, told.GetProperty("data").GetProperty("key").GetString()!));
                return TypedResults.Ok();
            }),
            TestContext.Current.CancellationToken);
        return pager;
    }

    /// <summary>How a worker watches its queues. It reports messages that wait behind an open breaker within fifteen seconds.</summary>
    public object QueueDepthOf(int worker) => new
    {
        SamplingInterval = "00:00:00.5",
        Rules = new { Depth = new { Raise = 20, For = "00:00:10", ClearFor = "00:00:00" } },
        Webhook = new { Address = $"{new Uri(_server!.Address, $"{worker}")}", Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
    };

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    public sealed record Call(int Worker, string Type, string Key);
}
