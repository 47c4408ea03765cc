using Messaging.Breaker.Breakers;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>This process in its fleet, from before any endpoint consumes until after all have stopped.</summary>
sealed class FleetMember(
    BreakerRegistry breakers, FleetRegistration registration, FleetLedger ledger, IServiceProvider services, TimeProvider time, ILoggerFactory loggers)
    : IHostedLifecycleService, IAsyncDisposable
{
    readonly CancellationTokenSource _stopping = new();
    IBreakerStateStore? _store;
    Task _work = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var log = loggers.CreateLog();
        _store = registration.Store(services);
        var fleet = new Fleet(_store, registration.Options, time, log);
        ledger.Open(_store as ISharedLedger, fleet.Instance, registration.Options.StoreTimeout);
        var loop = new FleetLoop(_store, fleet, breakers.All.Where(breaker => !breaker.IsLocal), time, log);
        breakers.Listen(loop.Note);
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
        if (Interlocked.Exchange(ref _store, null) is not { } store)
            return;
        ledger.Close();
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
