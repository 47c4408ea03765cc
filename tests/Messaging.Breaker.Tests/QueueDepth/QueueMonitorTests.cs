using System.Diagnostics.Metrics;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.QueueDepth;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>The monitor with a fake broker that reports what a test wants.</summary>
public sealed class QueueMonitorTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(SimulatedQueue.Start);
    readonly FakeBroker _broker = new();
    readonly LogRecorder _logs = new();
    readonly RecordingSink _sink = new();
    readonly ServiceProvider _services;
    readonly QueueMonitor _monitor;

    public QueueMonitorTests()
    {
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddSingleton<IAlertSink, FailingSink>()
            .AddSingleton<IAlertSink>(_sink)
            .AddMessagingBreaker(breakers => breakers.Add("payments").WatchQueues(options =>
            {
                options.Queues.Add("orders");
                options.Rules.Depth.For = options.Rules.Depth.ClearFor = TimeSpan.Zero;
            }))
            .AddLogging(logging => logging.AddProvider(_logs))
            .BuildServiceProvider();
        _services.GetRequiredService<WatchedQueues>().Add("broker", () => _broker);
        _monitor = _services.GetRequiredService<QueueMonitor>();
        _services.GetRequiredService<AlertDelivery>().Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<AlertDelivery>().StopAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_broker_that_is_away_is_logged_once_and_its_samples_are_forgotten_after_a_while()
    {
        _broker.Ready = 7;
        await SampleAsync();
        Assert.Equal(7, Assert.Single(_monitor.Queues).Ready);

        _broker.IsAway = true;
        await SampleAsync(times: 5);
        Assert.Single(_monitor.Queues);
        await SampleAsync(times: 15);
        Assert.Empty(_monitor.Queues);

        _broker.IsAway = false;
        await SampleAsync();
        Assert.Single(_monitor.Queues);
        Assert.Equal(2, _logs.Lines.Count(line => line.EventId is 40 or 41));
    }

    [Fact]
    public async Task Sinks_receive_raised_and_cleared_alerts_in_order_even_if_another_sink_fails()
    {
        for (var round = 0; round < 3; round++)
        {
            _broker.Ready = 5_000;
            await SampleAsync();
            _broker.Ready = 0;
            await SampleAsync();
        }

        await Eventually.Is(() => _sink.Events.Count == 6, "the sink to receive three alerts and their ends");
        Assert.Equal(["+", "-", "+", "-", "+", "-"], _sink.Events.Select(happened => happened[..1]));
        Assert.All(_sink.Events, happened => Assert.EndsWith("depth/queue:orders", happened, StringComparison.Ordinal));
        await Eventually.Is(() => _logs.Lines.Count(line => line.EventId == 48) == 6, "each failure of the other sink to be logged");
        await Eventually.Is(() => _logs.Lines.Count(line => line.EventId is 46 or 47) == 6, "three alerts and their ends to be logged");
    }

    [Fact]
    public async Task The_metrics_tell_what_the_monitor_knows()
    {
        _services.GetRequiredService<QueueMetrics>().Observe(_monitor);
        _broker.Ready = 5_000;
        await SampleAsync(times: 2);

        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen.Add(instrument.Name, value));
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen.Add(instrument.Name, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}", value));
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal(5_000, seen["messaging.breaker.queue.ready"]);
        Assert.Equal(5_000, seen["messaging.breaker.queue.demand"]);
        Assert.Equal(0, seen["messaging.breaker.queue.arrival_rate"]);
        Assert.Equal(1, seen["messaging.breaker.queue.alerts depth warning"]);
        Assert.Equal(0, seen["messaging.breaker.queue.alerts depth critical"]);
        Assert.DoesNotContain("messaging.breaker.queue.unacknowledged", seen.Keys);
    }

    [Fact]
    public async Task A_growing_error_queue_raises_an_alert_with_its_largest_group_and_the_state_of_the_breakers()
    {
        Offer();
        _broker.Errors = 3;
        await SampleAsync(times: 30);
        Assert.Equal(3, Assert.Single(_monitor.Queues).DeadLetters);
        Assert.Empty(_monitor.Alerts);

        Fail("Order 17 is bad", 8);
        Fail("No room", 4);
        _broker.Errors = 15;
        await SampleAsync();
        var alert = Assert.Single(_monitor.Alerts);
        Assert.Equal(("errors", AlertSeverity.Warning, "orders", null), (alert.Rule, alert.Severity, Assert.Single(alert.Queues), alert.Breaker));
        Assert.StartsWith("Queue 'orders_error': 12 more messages than 10 minutes ago, 15 in all; most often", alert.Message, StringComparison.Ordinal);
        Assert.Contains("Order # is bad", alert.Message, StringComparison.Ordinal);
        Assert.Contains("breakers were closed", alert.Message, StringComparison.Ordinal);

        await SampleAsync(times: 400);
        Assert.Empty(_monitor.Alerts);
        await Eventually.Is(() => _sink.Events.Count == 2, "the sink to receive the alert and its end");
        Assert.All(_sink.Events, happened => Assert.EndsWith("errors/queue:orders", happened, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Messages_that_somebody_has_looked_at_and_put_back_are_no_growth()
    {
        Offer();
        Fail("before", 1);
        _broker.Errors = 5_000;
        await SampleAsync(times: 100);
        _broker.Errors = 0;
        await SampleAsync(times: 5);
        Fail("one more", 1);
        _broker.Errors = 5_001;
        await SampleAsync(times: 20);
        Assert.Empty(_monitor.Alerts);
    }

    [Fact]
    public async Task A_queue_of_errors_that_is_not_there_is_asked_for_rarely_until_a_message_fails()
    {
        Offer();
        await SampleAsync(times: 100);
        Assert.Equal(1, _broker.AskedForErrors);
        Assert.Equal(0, Assert.Single(_monitor.Queues).DeadLetters);
        Fail("first", 1);
        _broker.Errors = 1;
        await SampleAsync();
        Assert.Equal((2, 1), (_broker.AskedForErrors, Assert.Single(_monitor.Queues).DeadLetters));
    }

    void Offer() => _services.GetRequiredService<KnownQueues>().Add("orders", "orders_error", "orders_skipped", null!);

    void Fail(string text, int times)
    {
        for (var number = 0; number < times; number++)
            _services.GetRequiredService<TripRecorder>().Of("orders").Add(FaultDetails.Of(new InvalidOperationException(text)));
    }

    async Task SampleAsync(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _clock.Advance(SimulatedQueue.Step);
            await _monitor.SampleAsync(TestContext.Current.CancellationToken);
        }
    }

    sealed class FakeBroker : IQueueSource
    {
        public string Description => "broker";

        public long Ready { get; set; }

        public bool IsAway { get; set; }

        /// <summary>How many messages wait in the error queue; null if there is no such queue.</summary>
        public long? Errors { get; set; }

        public int AskedForErrors { get; private set; }

        public Task<IReadOnlyList<QueueReading>> ReadAsync(IReadOnlyCollection<string> queues, IReadOnlyCollection<string> others, CancellationToken cancellationToken)
        {
            AskedForErrors += others.Count;
            return IsAway
                ? throw new IOException("The broker is away.")
                : Task.FromResult<IReadOnlyList<QueueReading>>(
                    [.. queues.Select(queue => new QueueReading(queue, Ready, 0)), .. Errors is { } errors ? others.Select(queue => new QueueReading(queue, errors, 0)) : []]);
        }

        public ValueTask DisposeAsync() => default;
    }

    sealed class FailingSink : IAlertSink
    {
        public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken) => throw new InvalidOperationException("no");

        public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken) => Task.FromException(new InvalidOperationException("no"));
    }
}
