using Messaging.Breaker.Breakers;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing.Alerts;

/// <summary>
/// One instance tells the sinks for the fleet. Every instance finds its alerts by itself; while there are any, one holds a lease and tells those that have
/// not been told, which the store keeps. When it dies, another goes on from there. While the store is away each tells what it finds anew. What only this
/// instance can know, as of an endpoint's own breaker, it tells itself.
/// </summary>
sealed class FleetAlerts(FleetStore store, FleetRegistration registration, TimeProvider time, ILoggerFactory loggers) : BackgroundService, IAlertVoice
{
    readonly Lock _lock = new();
    readonly Signal _told = new();
    IReadOnlyDictionary<string, QueueAlertRaised> _found = new Dictionary<string, QueueAlertRaised>();
    AlertDelivery? _delivery;

    public void Tell(
        IReadOnlyList<QueueAlertCleared> cleared, IReadOnlyList<QueueAlertRaised> raised, IReadOnlyDictionary<string, QueueAlertRaised> all, AlertDelivery delivery)
    {
        foreach (var over in cleared.Where(over => IsOurs(over.Alert)))
            delivery.Clear(over);
        foreach (var begun in raised.Where(begun => IsOurs(begun.Alert)))
            delivery.Raise(begun);
        lock (_lock)
            (_found, _delivery) = (all.Where(found => !IsOurs(found.Value.Alert)).ToDictionary(), delivery);
        if (cleared.Count + raised.Count > 0)
            _told.Raise();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var opened = store.Open();
        var fleet = new Fleet(opened, registration.Options, time, loggers.CreateLog());
        var speaker = new Speaker(opened as ISharedLedger, fleet, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            var told = _told.Next;
            IReadOnlyDictionary<string, QueueAlertRaised> found;
            AlertDelivery? delivery;
            lock (_lock)
                (found, delivery) = (_found, _delivery);
            var isIdle = delivery is null || await speaker.StepAsync(found, delivery, stoppingToken).ConfigureAwait(false);
            using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(told, Task.Delay(isIdle ? Timeout.InfiniteTimeSpan : SpeakerLease.Beat, time, awake.Token)).ConfigureAwait(false);
            await awake.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Nobody else knows of it.</summary>
    static bool IsOurs(QueueAlert alert) => alert.Breaker?.StartsWith(BreakerRegistry.EndpointPrefix, StringComparison.OrdinalIgnoreCase) == true;
}
