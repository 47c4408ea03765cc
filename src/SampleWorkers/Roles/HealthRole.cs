using SampleWorkers.CommandLine;

namespace SampleWorkers.Roles;

/// <summary>A container's health check: its image has no curl.</summary>
static class HealthRole
{
    public static async Task<int> RunAsync(Uri address, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var response = await http.GetAsync(address, stop);
            Console.WriteLine(await response.Content.ReadAsStringAsync(stop));
            return response.IsSuccessStatusCode ? ExitCode.Success : ExitCode.Failure;
        }
        catch (Exception exception) when (exception is HttpRequestException || exception.InnerException is TimeoutException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCode.Failure;
        }
    }
}
