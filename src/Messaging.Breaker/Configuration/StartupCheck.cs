using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Configuration;

/// <summary>Makes the breakers when the host starts, so that invalid options stop it then, and warns of breakers that guard nothing.</summary>
sealed class StartupCheck(BreakerRegistry breakers, EndpointRegistry endpoints, ILoggerFactory loggers) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var guarding = endpoints.Endpoints.SelectMany(endpoint => endpoint.Breakers).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var breaker in breakers.Breakers.Where(breaker => !guarding.Contains(breaker.Name)))
            loggers.CreateLogger(Log.Category).GuardsNothing(breaker.Name);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
