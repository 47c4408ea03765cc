using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>This process in its fleet, from before any endpoint consumes until after all have stopped.</summary>
sealed class FleetMember(
    BreakerRegistry breakers,
    EndpointRegistry endpoints,
    FleetRegistration registration,
    FleetStore store,
    FleetLedger ledger,
    IEnumerable<IFleetListener> listeners,
    TimeProvider time,
    ILoggerFactory loggers)
    : IHostedLifecycleService, IAsyncDisposable
{
    readonly CancellationTokenSource _stopping = new();
    int _hasEnded = 1;
    Task _work = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var log = loggers.CreateLog();
        var opened = store.Open();
        _hasEnded = 0;
        var fleet = new Fleet(opened, registration.Options, time, log);
        ledger.Open(opened as ISharedLedger, fleet.Instance, registration.Options.StoreTimeout);
        var loop = new FleetLoop(opened, fleet, breakers.All.Where(breaker => !breaker.IsLocal), endpoints, [.. listeners], time, log);
        breakers.Listen(loop.Note);
        endpoints.Share(loop.Holds);
        using (ExecutionContext.SuppressFlow())
            _work = Task.Run(() => loop.RunAsync(_stopping.Token), CancellationToken.None);
        var patience = registration.Options.StartupPatience;
        await loop.Joined.WaitAsync(patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!loop.Joined.IsCompleted && !cancellationToken.IsCancellationRequested)
            log.FleetUnknown(patience);
    }

    public async Task StoppedAsync(CancellationToken cancellationToken) => await DisposeAsync().ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        ledger.Close();
        endpoints.Share(null);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await store.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
