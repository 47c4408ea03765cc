using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Windows;

/// <summary>
/// Announces, begins and ends windows on time. In a fleet one instance does this, and the store records how far each window has come. So a window
/// begins once, and what an operator ends during the window stays ended, whichever instance starts or takes over meanwhile.
/// </summary>
sealed class WindowKeeper : BackgroundService, IHostedLifecycleService
{
    /// <summary>Limited, because somebody may set the clock.</summary>
    static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    readonly KnownWindows _known;
    readonly FleetWindows _fleet;
    readonly WindowActions _actions;
    readonly WindowChanges _changes;
    readonly EndpointRegistry _endpoints;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly DateTimeOffset _startedAt;
    readonly HashSet<string> _aimless = [];
    readonly IDisposable? _reload;

    public WindowKeeper(
        KnownWindows known, WindowReader reader, FleetWindows fleet, WindowActions actions, WindowChanges changes, EndpointRegistry endpoints, TimeProvider time, ILoggerFactory loggers)
    {
        (_known, _fleet, _actions, _changes, _endpoints, _time) = (known, fleet, actions, changes, endpoints, time);
        (_log, _startedAt) = (loggers.CreateLog(), time.GetUtcNow());
        _reload = reader.OnChange(Reload);
    }

    /// <summary>Runs before any endpoint consumes.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _endpoints.Plan(StepBeforeStartAsync);
        return Task.CompletedTask;
    }

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        _reload?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (woken, told) = (_changes.Woken.Next, _changes.Told.Next);
            var wait = await TryStepAsync(stoppingToken).ConfigureAwait(false);
            using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(woken, told, Task.Delay(wait, _time, awake.Token)).ConfigureAwait(false);
            if (told.IsCompleted)
                _known.Outdate();
            await awake.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets a window that has begun hold an endpoint before it consumes. In a fleet, only after the store was asked.</summary>
    Task StepBeforeStartAsync(string endpoint) => _known.IsWithin(endpoint) && (_fleet.IsShared || !_fleet.IsOfFleet)
        ? Task.Run(() => TryStepAsync(CancellationToken.None))
        : Task.CompletedTask;

    /// <summary>The configuration has changed. A window that it no longer contains ends. One that has begun keeps its end.</summary>
    void Reload()
    {
        try
        {
            _ = Task.WhenAll(_known.Reload().Select(window => _actions.EndAsync(window, null)));
            _changes.Woken.Raise();
        }
        catch (OptionsValidationException exception)
        {
            _log.WindowsRefused(exception.Message);
        }
    }

    /// <returns>How long there will be nothing to do.</returns>
    async Task<TimeSpan> TryStepAsync(CancellationToken cancellationToken)
    {
        using var held = await _known.Lock.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await StepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The store failed. What is due is tried again, and the loss of the store is reported elsewhere.
            _log.WindowsPutOff(exception.Message);
            return Again;
        }
    }

    async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        await _known.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var now = _time.GetUtcNow();
        if (_known.Due(now, Has).Count > 0)
        {
            await DoAsync(cancellationToken).ConfigureAwait(false);
            return Again;
        }

        return _known.Next(now) is { } next ? next - now < LongestSleep ? next - now : LongestSleep
            : _fleet.IsShared ? LongestSleep : Timeout.InfiniteTimeSpan;
    }

    /// <summary>
    /// Does what is due and what no other instance has done. If a window began before this process, the process begins it only if the store says that
    /// nobody has: an operator may have ended it.
    /// </summary>
    async Task DoAsync(CancellationToken cancellationToken)
    {
        var isKnown = await _known.TryReadAsync(cancellationToken).ConfigureAwait(false);
        var due = _known.Due(_time.GetUtcNow(), Has).FindAll(step => isKnown || step.Window.Start >= _startedAt);
        if (due.Count > 0 && await IsOurTurnAsync(isKnown, cancellationToken).ConfigureAwait(false))
            foreach (var step in due)
                await DoAsync(step, cancellationToken).ConfigureAwait(false);
    }

    async Task DoAsync(WindowStep step, CancellationToken cancellationToken)
    {
        var detail = step.Event == WindowEvent.Began ? await _actions.BeginAsync(step.Window).ConfigureAwait(false) : "";
        var mark = _known.Mark(step);
        var news = new WindowNews(step.Event, step.Window, detail);
        _log.Window(news);
        _changes.Publish(news);
        try
        {
            await _fleet.PutAsync(mark, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _log.WindowsPutOff(exception.Message);
        }
    }

    /// <summary>While the store is away, each instance acts by itself: it is better to begin a window twice than not at all.</summary>
    async Task<bool> IsOurTurnAsync(bool isKnown, CancellationToken cancellationToken)
    {
        if (!isKnown || !_fleet.IsShared)
            return true;
        try
        {
            return await _fleet.IsOurTurnAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    bool Has(PlannedWindow window)
    {
        var has = _actions.Has(window);
        // Endpoints are registered a little after this service has started.
        if (!has && _time.GetUtcNow() - _startedAt > LongestStart && _aimless.Add(window.Name))
            _log.WindowAimless(window.Name, window.Breaker is null ? $"endpoint '{window.Endpoint}'" : $"breaker '{window.Breaker}'");
        return has;
    }
}
