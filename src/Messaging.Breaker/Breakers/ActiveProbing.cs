using Messaging.Breaker.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Breakers;

/// <summary>
/// Asks the dependencies of open breakers about once a second whether they are back. A yes ends the break, and messages decide; a no
/// changes nothing.
/// </summary>
sealed class ActiveProbing(BreakerRegistry breakers, IServiceScopeFactory scopes, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    readonly ILogger _log = loggers.CreateLog();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(breakers.All.Where(breaker => breaker.Options.ActiveProbe is not null).Select(breaker => AskAsync(breaker, stoppingToken)));

    async Task AskAsync(CircuitBreaker breaker, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var changed = breaker.Changed;
            if (!breaker.IsBreaking)
            {
                await changed.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            var generation = breaker.Generation;
            // Spread out, so that the workers of many services do not ask in step.
            await Task.Delay(ShortestPause * (1 + Random.Shared.NextDouble() / 2), time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (breaker.IsBreaking && breaker.Generation == generation && breaker.MayAsk() && await IsBackAsync(breaker, stopping).ConfigureAwait(false))
                breaker.EndBreak(generation);
        }
    }

    async Task<bool> IsBackAsync(CircuitBreaker breaker, CancellationToken stopping)
    {
        if (breaker.Options.ActiveProbe is not { } probe)
            return false;
        try
        {
            using var limit = new CancellationTokenSource(probe.TimeLimit, time);
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
            var scope = scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
                // Not every probe observes its token.
                return await probe.AskAsync(scope.ServiceProvider, limited.Token).WaitAsync(limited.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.ProbeFailed(breaker.Name, RecentFailures.Describe(exception));
            return false;
        }
    }
}
