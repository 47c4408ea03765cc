using System.Collections.Concurrent;
using Messaging.Breaker.QueueDepth;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Breaker.Tests.Sharing;

/// <summary>Several instances find the same alerts, and one of them sends them.</summary>
public sealed class FleetAlertTests : IAsyncDisposable
{
    const string Key = "depth/queue:work";

    readonly ConcurrentQueue<string> _told = [];
    readonly List<AlertDelivery> _deliveries = [];
    FleetHarness? _fleet;
    QueueAlertCleared? _ended;

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        foreach (var delivery in _deliveries)
        {
            await delivery.StopAsync();
            delivery.Dispose();
        }
    }

    [Fact]
    public async Task One_instance_sends_for_all_and_another_takes_over_when_it_dies()
    {
        var voices = await StartAsync();
        Find(voices, Alert());
        await UntilToldAsync("one to send it", 1);
        var speaker = FleetAlertSender(voices);
        await _fleet!.PassAsync(30);
        await speaker.Instance.CrashAsync();
        List<Voice> left = [.. voices.Where(voice => voice != speaker)];
        Find(left, Alert(), isNew: false);
        await _fleet.PassAsync(40);
        Assert.Single(_told);

        Find(left, Alert(AlertSeverity.Critical));
        await UntilToldAsync("the next to send that it is worse", 2);
        Clear(left, Alert(AlertSeverity.Critical));
        await UntilToldAsync("it to send the end", 3);
        await _fleet.PassAsync(30);
        Assert.Equal([$"{speaker.Name} + Warning", "+ Critical", "- Critical"], _told.Select((told, index) => index == 0 ? told : told[(told.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        Assert.Single(_told.Skip(1).Select(told => told.Split(' ')[0]).Distinct());
    }

    [Fact]
    public async Task An_escalation_is_sent_once_and_the_end_covers_the_whole_outage_whoever_sends_it()
    {
        var voices = await StartAsync();
        var began = DateTimeOffset.UnixEpoch;
        Find(voices, Behind(began, isEscalated: false, reopens: 3));
        await UntilToldAsync("one to send it", 1);
        Find(voices, Behind(began, isEscalated: true, reopens: 100));
        await UntilToldAsync("it to send the escalation", 2);
        var speaker = FleetAlertSender(voices);
        await speaker.Instance.CrashAsync();
        List<Voice> left = [.. voices.Where(voice => voice != speaker)];
        // The remaining instances have seen less of the outage, as if they had started during it.
        Find(left, Behind(began.AddMinutes(10), isEscalated: true, reopens: 2));
        await _fleet!.PassAsync(40);
        Assert.Equal(2, _told.Count);

        Clear(left, Behind(began.AddMinutes(10), isEscalated: true, reopens: 2));
        await UntilToldAsync("another to send the end", 3);
        Assert.Equal((began, 100), (_ended!.Alert.Outage!.Began, _ended.Alert.Outage.Reopens));
    }

    static QueueAlert Behind(DateTimeOffset began, bool isEscalated, int reopens) => Alert(AlertSeverity.Critical) with
    {
        Since = began,
        Outage = new AlertOutage { Began = began, Reopens = reopens, IsEscalated = isEscalated },
    };

    [Fact]
    public async Task The_end_of_an_alert_is_sent_even_if_its_sender_has_died()
    {
        var voices = await StartAsync();
        Find(voices, Alert());
        await UntilToldAsync("one to send it", 1);
        var speaker = FleetAlertSender(voices);
        await speaker.Instance.CrashAsync();
        Clear([.. voices.Where(voice => voice != speaker)], Alert());
        await UntilToldAsync("another to send the end", 2);
        await _fleet!.PassAsync(30);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public async Task A_new_instance_does_not_end_an_alert_that_it_has_not_found_yet()
    {
        var voices = await StartAsync();
        Find(voices, Alert());
        await UntilToldAsync("one to send it", 1);
        foreach (var voice in voices)
            await voice.Instance.CrashAsync();
        var late = await StartAsync("late");
        Find([late], Alert(queue: "other"));
        await UntilToldAsync("it to send what it finds", 2);
        await _fleet!.PassAsync(30);
        Assert.Equal(2, _told.Count);
        Find([late], Alert(), isNew: false, Alert(queue: "other"));
        await _fleet.PassAsync(60);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public async Task An_alert_that_nobody_finds_any_more_ends_after_a_while()
    {
        var voices = await StartAsync();
        Find(voices, Alert());
        await UntilToldAsync("one to send it", 1);
        foreach (var voice in voices)
            await voice.Instance.CrashAsync();
        var late = await StartAsync("late");
        Find([late], Alert(queue: "other"));
        await UntilToldAsync("it to send what it finds and what is over", 3);
        Assert.Equal("late - Warning", _told.Last());
    }

    [Fact]
    public async Task Without_the_store_each_instance_sends_its_new_alerts_and_nothing_twice()
    {
        var voices = await StartAsync();
        Find(voices, Alert());
        await UntilToldAsync("one to send it", 1);
        await _fleet!.PassAsync(10);
        _fleet.Store.IsDown = true;
        await _fleet.PassAsync(30);
        Assert.Single(_told);
        Find(voices, Alert(queue: "other"), isNew: true, Alert());
        await UntilToldAsync("each to send it", 4);
        _fleet.Store.IsDown = false;
        await _fleet.PassAsync(30);
        Assert.Equal(4, _told.Count);
        Find(voices, Alert(queue: "third"), isNew: true, Alert(), Alert(queue: "other"));
        await UntilToldAsync("one to send for all again", 5);
        await _fleet.PassAsync(30);
        Assert.Equal(5, _told.Count);
    }

    [Fact]
    public async Task An_alert_that_only_one_instance_can_know_is_sent_by_that_instance()
    {
        var voices = await StartAsync();
        Find([voices[0]], Alert() with { Breaker = "endpoint.work" });
        Find([voices[2]], Alert() with { Breaker = "endpoint.work" });
        await UntilToldAsync("both to send it", 2);
    }

    [Fact]
    public async Task Nothing_is_asked_of_the_store_while_there_are_no_alerts()
    {
        var voices = await StartAsync();
        await _fleet!.PassAsync(1);
        Find(voices);
        var calls = _fleet.Store.Calls;
        await _fleet.PassAsync(100);
        Assert.InRange(_fleet.Store.Calls - calls, 40, 51);
    }

    static QueueAlert Alert(AlertSeverity severity = AlertSeverity.Warning, string queue = "work") =>
        new()
        {
            Rule = "depth",
            Severity = severity,
            Queues = [queue],
            Message = "said by a test",
            Since = DateTimeOffset.UnixEpoch,
        };

    static void Find(IEnumerable<Voice> voices, params QueueAlert[] alerts)
    {
        if (alerts.Length == 0)
            Tell(voices, [], []);
        else
            Find(voices, alerts[0], isNew: true);
    }

    static void Find(IEnumerable<Voice> voices, QueueAlert alert, bool isNew, params QueueAlert[] others) =>
        Tell(voices, isNew ? [Raised(alert)] : [], [Raised(alert), .. others.Select(Raised)]);

    static void Clear(IEnumerable<Voice> voices, QueueAlert alert)
    {
        foreach (var voice in voices)
            voice.Alerts.Tell([new QueueAlertCleared(Key, voice.Name, alert, DateTimeOffset.UnixEpoch)], [], new Dictionary<string, QueueAlertRaised>(), voice.Delivery);
    }

    static void Tell(IEnumerable<Voice> voices, IReadOnlyList<QueueAlertRaised> raised, IReadOnlyList<QueueAlertRaised> all)
    {
        foreach (var voice in voices)
            voice.Alerts.Tell([], raised, all.ToDictionary(one => one.Key), voice.Delivery);
    }

    static QueueAlertRaised Raised(QueueAlert alert) => new($"depth/queue:{alert.Queues[0]}", "here", alert);

    Voice FleetAlertSender(IEnumerable<Voice> voices) => voices.Single(voice => voice.Name == _told.First().Split(' ')[0]);

    Task UntilToldAsync(string awaited, int events) => _fleet!.UntilAsync(() => _told.Count >= events, awaited);

    async Task<List<Voice>> StartAsync() => [await StartAsync("one"), await StartAsync("two"), await StartAsync("three")];

    async Task<Voice> StartAsync(string name)
    {
        _fleet ??= new FleetHarness();
        var instance = await _fleet.StartAsync(name);
        var delivery = new AlertDelivery([new Sink(name, _told, cleared => _ended = cleared)], _fleet.Clock, NullLoggerFactory.Instance);
        delivery.Start();
        _deliveries.Add(delivery);
        return new Voice(name, instance, instance.Services.GetRequiredService<FleetAlerts>(), delivery);
    }

    sealed record Voice(string Name, Instance Instance, FleetAlerts Alerts, AlertDelivery Delivery);

    sealed class Sink(string name, ConcurrentQueue<string> told, Action<QueueAlertCleared> ended) : IAlertSink
    {
        public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken)
        {
            told.Enqueue($"{name} + {raised.Alert.Severity}");
            return Task.CompletedTask;
        }

        public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken)
        {
            ended(cleared);
            told.Enqueue($"{name} - {cleared.Alert.Severity}");
            return Task.CompletedTask;
        }
    }
}
