using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Messaging.Breaker.ChaosTests.Workers;

namespace Messaging.Breaker.ChaosTests.Holds;

/// <summary>Pauses and resumes the fleet's endpoint through the page of any worker that answers.</summary>
sealed class Operator(IReadOnlyList<WorkerSlot> workers, string queue, Action<string> note)
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    int _next;

    /// <summary>Steers until the fleet has accepted the change.</summary>
    /// <exception cref="TimeoutException">That took too long.</exception>
    public async Task SteerAsync(string action)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Longest;)
        {
            var worker = workers[_next++ % workers.Count];
            if (worker.Page is { } page && await TrySteerAsync(page, action) is { } outcome)
            {
                note($"{action} by worker {worker.Name}: {outcome}");
                if (outcome == nameof(HoldOutcome.Fleet))
                    return;
            }

            await Task.Delay(Step, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"nobody could {action} the fleet within {Longest.TotalSeconds:0} s");
    }

    /// <summary>Whether every worker answers and reports the hold, and none is starting.</summary>
    public async Task<bool> IsHeldEverywhereAsync()
    {
        foreach (var worker in workers)
            if (worker.Page is not { } page || !await IsHeldAsync(page))
                return false;
        return true;
    }

    async Task<string?> TrySteerAsync(Uri page, string action)
    {
        using var http = Client(page);
        try
        {
            var token = await http.GetFromJsonAsync<JsonElement>("api/token", TestContext.Current.CancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"api/endpoints/{Uri.EscapeDataString(queue)}/{action}")
            {
                Content = JsonContent.Create(new { reason = "a drill" }),
                Headers = { { token.GetProperty("header").GetString()!, token.GetProperty("token").GetString() } },
            };
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode ? response.Headers.GetValues("Hold-Outcome").Single() : null;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return null;
        }
    }

    async Task<bool> IsHeldAsync(Uri page)
    {
        using var http = Client(page);
        try
        {
            var state = await http.GetFromJsonAsync<JsonElement>("api/state", TestContext.Current.CancellationToken);
            return state.GetProperty("endpoints").EnumerateArray().Any(
                endpoint => endpoint.GetProperty("name").GetString() == queue && endpoint.GetProperty("hold").ValueKind == JsonValueKind.Object);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return false;
        }
    }

    static HttpClient Client(Uri page) =>
        new(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = page, Timeout = TimeSpan.FromSeconds(10) };

    static bool IsGone(Exception exception) =>
        exception is HttpRequestException or TaskCanceledException or JsonException && !TestContext.Current.CancellationToken.IsCancellationRequested;
}
