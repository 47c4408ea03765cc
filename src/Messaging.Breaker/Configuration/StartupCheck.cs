using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Configuration;

/// <summary>Creates the breakers when the host starts, so that invalid options stop it then, and logs breakers that guard nothing.</summary>
sealed class StartupCheck(BreakerRegistry breakers, EndpointRegistry endpoints, GuardedBuses buses, ILoggerFactory loggers) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var log = loggers.CreateLog();
        if (buses is { IsOneUnguarded: true, IsEmpty: true } && breakers.Breakers.Count > 0)
            log.NoBusIsGuarded(breakers.KnownNames);
        var guarding = endpoints.Endpoints.SelectMany(endpoint => endpoint.Breakers).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var breaker in breakers.Breakers.Where(breaker => !guarding.Contains(breaker.Name)))
            log.GuardsNothing(breaker.Name);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
