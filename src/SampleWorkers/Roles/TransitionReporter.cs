using System.Net.Http.Json;
using Messaging.Breaker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SampleWorkers.Roles;

/// <summary>Posts each transition of this worker's breakers to an address, in order.</summary>
sealed partial class TransitionReporter(IBreakerRegistry breakers, ILogger<TransitionReporter> logger, Uri address) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await foreach (var transition in breakers.WatchAsync(stoppingToken))
            await PostAsync(http, transition, stoppingToken);
    }

    async Task PostAsync(HttpClient http, Transition transition, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.PostAsJsonAsync(address, transition, cancellationToken);
            response.EnsureSuccessStatusCode();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is HttpRequestException or OperationCanceledException)
        {
            LogNotReported(transition.Breaker, transition.To, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Breaker} is {State}, which could not be reported: {Cause}")]
    partial void LogNotReported(string breaker, BreakerState state, string cause);
}
