using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Windows;

/// <summary>Adds, removes and lists windows at run time.</summary>
sealed class WindowPlanner(
    KnownWindows known, FleetWindows fleet, WindowActions actions, WindowChanges changes, BreakerRegistry breakers, EndpointRegistry endpoints,
    TimeProvider time, ILoggerFactory loggers) : IPlannedWindows
{
    const int MostAdded = 50;
    static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    static readonly TimeSpan Furthest = TimeSpan.FromDays(366);

    readonly ILogger _log = loggers.CreateLog();

    public IReadOnlyList<PlannedWindow> Windows
    {
        get
        {
            var now = time.GetUtcNow();
            return [.. known.All.SelectMany(window => window.Schedule.Around(now).Take(1).Select(window.At))
                .OrderBy(window => window.Start).ThenBy(window => window.Name, StringComparer.Ordinal)];
        }
    }

    public IAsyncEnumerable<WindowNews> WatchAsync(CancellationToken cancellationToken = default) => changes.WatchAsync(cancellationToken);

    public async Task<PlannedWindow> AddAsync(WindowOrder order, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        var plan = Check(order);
        using (await known.Lock.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            await known.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (known.Added >= MostAdded)
                throw new InvalidOperationException($"{MostAdded} windows have been added already. Remove some, or put them in the configuration.");
            await fleet.PutAsync(plan, cancellationToken).ConfigureAwait(false);
            known.Set(plan);
            await TellAsync(cancellationToken).ConfigureAwait(false);
        }

        var window = At(plan);
        _log.WindowPlanned(window);
        changes.Woken.Raise();
        return window;
    }

    public async Task<bool> RemoveAsync(string name, string? by = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        by = HoldOrders.Tidy(by);
        using (await known.Lock.EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            await known.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (known.FindAdded(name) is not { } plan)
                return false;
            await fleet.PutAsync(plan with { IsRemoved = true, By = by }, cancellationToken).ConfigureAwait(false);
            known.Set(plan with { IsRemoved = true });
            if (At(plan) is var window && window.Start <= time.GetUtcNow())
                await actions.EndAsync(window, by).ConfigureAwait(false);
            await TellAsync(cancellationToken).ConfigureAwait(false);
            _log.WindowRemoved(name, by ?? "an operator");
        }

        changes.Woken.Raise();
        return true;
    }

    async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            await fleet.TellAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The other instances read it later.
        }
    }

    static PlannedWindow At(WindowEntry plan) => KnownWindows.Define(plan).At((plan.Start!.Value, plan.End!.Value));

    WindowEntry Check(WindowOrder order)
    {
        var now = time.GetUtcNow();
        if ((order.Breaker is null) == (order.Endpoint is null))
            throw new ArgumentException("A window needs either a breaker or an endpoint.", nameof(order));
        if (order.End <= order.Start || order.End <= now)
            throw new ArgumentException("A window must end after it starts, and in the future.", nameof(order));
        if (order.End - order.Start > Longest || order.Start - now > Furthest)
            throw new ArgumentException($"A window lasts at most {Longest.Days} days, and starts at most {Furthest.Days} days ahead.", nameof(order));
        return new WindowEntry
        {
            Name = $"w-{Guid.NewGuid().ToString("N")[..12]}",
            Breaker = order.Breaker is { } breaker ? breakers.Get(breaker).Name : null,
            Endpoint = order.Endpoint is { } endpoint ? FindEndpoint(endpoint) : null,
            Start = order.Start.ToUniversalTime(),
            End = order.End.ToUniversalTime(),
            Reason = OneLine.Reason(order.Reason, "a window"),
            By = HoldOrders.Tidy(order.By),
        };
    }

    string FindEndpoint(string name) => endpoints.Endpoints.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase))?.Name
        ?? throw new KeyNotFoundException($"No guarded endpoint is named '{name}'. Known endpoints: {string.Join(", ", endpoints.Endpoints.Select(known => $"'{known.Name}'"))}.");
}
