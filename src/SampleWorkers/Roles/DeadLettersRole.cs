using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Messaging.Breaker;
using SampleWorkers.CommandLine;

namespace SampleWorkers.Roles;

/// <summary>Looks at a worker's dead letters and redrives them, through the API of its page, where the breakers are that decide when.</summary>
sealed class DeadLettersRole : IDisposable
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    readonly HttpClient _http;

    DeadLettersRole(Uri page) => _http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() })
    {
        BaseAddress = new Uri($"{page.GetLeftPart(UriPartial.Path).TrimEnd('/')}/"),
    };

    public static Task<int> ShowErrorsAsync(Uri page, CancellationToken stop) => RunAsync(page, role => role.ShowErrorsAsync(stop));

    public static Task<int> RedriveAsync(Uri page, string queue, string? group, string reason, CancellationToken stop) =>
        RunAsync(page, role => role.RedriveAsync(queue, group, reason, stop));

    public void Dispose() => _http.Dispose();

    static async Task<int> RunAsync(Uri page, Func<DeadLettersRole, Task<int>> run)
    {
        using var role = new DeadLettersRole(page);
        try
        {
            return await run(role);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is not HttpRequestError.Unknown)
        {
            await ErrorLine.WriteAsync($"There is no page at {Shown(page)}: {exception.Message}. Start a worker, or say with --page where the page of its breakers is.");
            return ExitCode.Unreachable;
        }
        catch (HttpRequestException exception)
        {
            await ErrorLine.WriteAsync($"The page at {Shown(page)} refuses: {exception.Message}");
            return ExitCode.Failure;
        }
    }

    async Task<int> ShowErrorsAsync(CancellationToken stop)
    {
        foreach (var queue in (await ReadAsync<Ledger>("api/dead-letters", stop)).Queues)
        {
            var report = await ReadAsync<DeadLetterReport>($"api/dead-letters/{Uri.EscapeDataString(queue.Name)}/groups", stop);
            Console.WriteLine($"{queue.Name}: {report.Messages} messages");
            foreach (var group in report.Groups)
                Console.WriteLine(Describe(group));
        }

        return ExitCode.Success;
    }

    async Task<int> RedriveAsync(string queue, string? group, string reason, CancellationToken stop)
    {
        var token = await ReadAsync<Token>("api/token", stop);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/dead-letters/{Uri.EscapeDataString(queue)}/redrive")
        {
            Content = JsonContent.Create(new { reason, group }),
            Headers = { { token.Header, token.Value } },
        };
        using var response = await _http.SendAsync(request, stop);
        var run = (await ParseAsync<Ledger>(response, stop)).Runs.First(known => known.Queue == queue);
        while (run.Ended is null)
        {
            Console.WriteLine(Describe(run));
            await Task.Delay(Step, stop);
            run = (await ReadAsync<Ledger>("api/dead-letters", stop)).Runs.First(known => known.Id == run.Id);
        }

        Console.WriteLine(Describe(run));
        foreach (var problem in run.Problems)
            Console.WriteLine(problem);
        return run.State is DeadLetterRunState.Completed ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>Without the password that it may contain.</summary>
    static string Shown(Uri page) => $"{page.Scheme}://{page.Authority}{page.AbsolutePath}";

    static string Describe(DeadLetterGroup group)
    {
        string?[] parts = [group.Exception ?? "no exception noted", group.Text.Length > 0 ? group.Text : null];
        return $"  {group.Key}  {group.Count,7} times {string.Join(": ", parts.OfType<string>())}{(group.Last is { } last ? $", last {last:u}" : "")}";
    }

    static string Describe(DeadLetterRun run) =>
        $"{run.State}: {run.Moved} moved, {run.FailedAgain} failed again.{(run.Detail.Length > 0 ? $" {run.Detail}" : "")}";

    async Task<T> ReadAsync<T>(string address, CancellationToken stop)
    {
        using var response = await _http.GetAsync(address, stop);
        return await ParseAsync<T>(response, stop);
    }

    /// <exception cref="HttpRequestException">The page refuses; the message says why.</exception>
    static async Task<T> ParseAsync<T>(HttpResponseMessage response, CancellationToken stop)
    {
        if (response.IsSuccessStatusCode)
            return (await response.Content.ReadFromJsonAsync<T>(Json, stop))!;
        var isProblem = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        var problem = isProblem ? await response.Content.ReadFromJsonAsync<JsonElement>(stop) : default;
        // Without an error kind, because the page has answered.
        throw new HttpRequestException(
            isProblem && problem.TryGetProperty("detail", out var detail) ? detail.GetString() : $"it answered {(int)response.StatusCode}.");
    }

    sealed record Ledger(IReadOnlyList<DeadLetterSource> Queues, IReadOnlyList<DeadLetterRun> Runs);

    sealed record Token(string Header, [property: System.Text.Json.Serialization.JsonPropertyName("token")] string Value);
}
