using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Messaging.Breaker.ChaosTests.Workers;

namespace Messaging.Breaker.ChaosTests.Redrives;

/// <summary>Orders redrives of a queue through the page of one worker, or the next if that one dies, until the queue is empty.</summary>
sealed class Redriver(IReadOnlyList<WorkerSlot> workers, string queue, double rate, Action<string> note)
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    volatile WorkerSlot? _busy;
    int _next;

    /// <summary>The worker that is redriving; null if none is.</summary>
    public WorkerSlot? Busy => _busy;

    /// <summary>The number of redrives that began.</summary>
    public int Orders { get; private set; }

    /// <summary>The number of redrives whose end was never reported.</summary>
    public int Broken { get; private set; }

    /// <param name="isOver">Called before and during each redrive, because a breaker that has opened needs messages to probe with.</param>
    /// <returns>False if this took too long.</returns>
    public async Task<bool> RunAsync(Func<Task<(bool IsOver, bool HasDeadLetters)>> isOver)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Longest;)
        {
            var (over, hasDeadLetters) = await isOver();
            if (over)
                return true;
            var worker = workers[_next++ % workers.Count];
            if (hasDeadLetters && worker.Page is { } page)
                await RedriveAsync(worker, page, isOver);
            await Task.Delay(Step, TestContext.Current.CancellationToken);
        }

        return false;
    }

    async Task RedriveAsync(WorkerSlot worker, Uri page, Func<Task> meanwhile)
    {
        using var http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = page, Timeout = TimeSpan.FromSeconds(10) };
        var isBegun = false;
        try
        {
            var token = await ReadAsync(http, "api/token");
            using var request = new HttpRequestMessage(HttpMethod.Post, $"api/dead-letters/{Uri.EscapeDataString(queue)}/redrive")
            {
                Content = JsonContent.Create(new { reason = "payments has learned to accept them", rate, failedShare = 1 }),
                Headers = { { token.GetProperty("header").GetString()!, token.GetProperty("token").GetString() } },
            };
            _busy = worker;
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            if (!response.IsSuccessStatusCode)
                return; // Another worker redrives the queue, or the broker is down.
            isBegun = true;
            Orders++;
            note($"worker {worker.Name} redrives");
            while ((await ReadAsync(http, "api/dead-letters")).GetProperty("here").GetArrayLength() > 0)
            {
                await meanwhile();
                await Task.Delay(Step, TestContext.Current.CancellationToken);
            }

            note($"the redrive of worker {worker.Name} has ended");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or JsonException && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            if (isBegun)
                Broken++;
            note($"worker {worker.Name} is gone: {exception.Message}");
        }
        finally
        {
            _busy = null;
        }
    }

    static async Task<JsonElement> ReadAsync(HttpClient http, string address) =>
        await http.GetFromJsonAsync<JsonElement>(address, TestContext.Current.CancellationToken);
}
