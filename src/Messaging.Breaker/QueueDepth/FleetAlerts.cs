using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// One instance tells the sinks for the fleet. Every instance finds its alerts by itself. While there are any, one instance holds a lease and
/// tells the sinks of those that the store does not list as told. When it dies, another continues. While the store is away, each instance tells
/// the new alerts that it finds. Alerts that only this instance can know of, such as those of an endpoint's own breaker, it tells itself.
/// </summary>
sealed class FleetAlerts(FleetStore store, FleetRegistration registration, TimeProvider time, ILoggerFactory loggers) : BackgroundService, IAlertSender
{
    readonly Lock _lock = new();
    readonly AsyncSignal _told = new();
    IReadOnlyDictionary<string, QueueAlertRaised> _found = new Dictionary<string, QueueAlertRaised>();
    Dictionary<string, QueueAlertRaised> _over = [];
    AlertDelivery? _delivery;

    public void Tell(
        IReadOnlyList<QueueAlertCleared> cleared, IReadOnlyList<QueueAlertRaised> raised, IReadOnlyDictionary<string, QueueAlertRaised> all, AlertDelivery delivery)
    {
        foreach (var over in cleared.Where(over => IsOurs(over.Alert)))
            delivery.Clear(over);
        foreach (var begun in raised.Where(begun => IsOurs(begun.Alert)))
            delivery.Raise(begun);
        lock (_lock)
        {
            (_found, _delivery) = (all.Where(found => !IsOurs(found.Value.Alert)).ToDictionary(), delivery);
            foreach (var over in cleared.Where(over => !IsOurs(over.Alert)))
                _over[over.Key] = new QueueAlertRaised(over.Key, over.Instance, over.Alert);
        }

        if (cleared.Count + raised.Count > 0)
            _told.Raise();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var opened = store.Open();
        var fleet = new Fleet(opened, registration.Options, time, loggers.CreateLog());
        var speaker = new FleetAlertSender(opened as ISharedLedger, fleet, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            var told = _told.Next;
            IReadOnlyDictionary<string, QueueAlertRaised> found;
            Dictionary<string, QueueAlertRaised> over;
            AlertDelivery? delivery;
            lock (_lock)
                (found, over, _over, delivery) = (_found, _over, [], _delivery);
            var isIdle = delivery is null || await speaker.StepAsync(found, over, delivery, stoppingToken).ConfigureAwait(false);
            using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(told, Task.Delay(isIdle ? Timeout.InfiniteTimeSpan : FleetLease.Beat, time, awake.Token)).ConfigureAwait(false);
            await awake.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>No other instance knows of it.</summary>
    static bool IsOurs(QueueAlert alert) => alert.Breaker?.StartsWith(BreakerRegistry.EndpointPrefix, StringComparison.OrdinalIgnoreCase) == true;
}
