using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.QueueDepth;

/// <summary>Three queues with the same backlog. The alerts depend on whether the breaker is open.</summary>
public sealed class AlertTests(BrokerFixture broker) : IAsyncLifetime
{
    static readonly string[] Suffixes = ["-1", "-2", "-3"];

    readonly Sink _sink = new();
    readonly ConcurrentQueue<string> _published = [];
    TestWorker _worker = null!;

    public async ValueTask InitializeAsync() => _worker = await TestWorker.StartAsync(
        broker.Node,
        endpoints: (test, _, rabbit) =>
        {
            foreach (var suffix in Suffixes)
                rabbit.ReceiveEndpoint(test.Queue + suffix, endpoint =>
                {
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.PrefetchCount = 4;
                    endpoint.UseBreaker("first");
                    endpoint.Handler<Work>(message => test.Dependency.CallAsync(message.Message.Number, message.CancellationToken));
                });
            rabbit.ReceiveEndpoint(test.Queue + "-alerts", endpoint =>
            {
                endpoint.Handler<QueueAlertRaised>(message => Receive($"+{message.Message.Key}"));
                endpoint.Handler<QueueAlertCleared>(message => Receive($"-{message.Message.Key}"));
            });
        },
        services: services => services
            .AddSingleton<IAlertSink>(_sink)
            .AddMessagingBreaker(breakers => breakers.WatchQueues(options =>
            {
                options.SamplingInterval = TimeSpan.FromMilliseconds(100);
                options.PublishAlerts = true;
                options.ManagementAddress = broker.Node.ManagementAddress.ToString();
                options.Rules.Depth.Raise = 20;
                options.Rules.Depth.For = TimeSpan.FromSeconds(2);
                options.Rules.Depth.ClearFor = TimeSpan.Zero;
                options.Queues.Add("no-such-queue");
            })));

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task A_backlog_behind_an_open_breaker_raises_one_alert_about_the_dependency()
    {
        _worker.Dependency.IsDown = true;
        await SendAsync(4);
        await _worker.UntilAsync(BreakerState.Open);
        await SendAsync(40);
        await Eventually.Is(() => !_sink.Events.IsEmpty, "an alert");
        var alert = Assert.Single(_sink.Events).Alert;
        Assert.Equal(("dependency", "first"), (alert.Rule, alert.Breaker));
        Assert.Equal(Queues, alert.Queues);
        Assert.All(_worker.Monitor.Queues, queue => Assert.Equal("dependency", Assert.Single(queue.Alerts).Rule));

        _worker.Dependency.IsDown = false;
        await Eventually.Is(() => _published.Count == 2, "the alert and its end to be published");
        Assert.Equal(["+dependency/breaker:first", "-dependency/breaker:first"], _published.Order(StringComparer.Ordinal));
        Assert.Equal(2, _sink.Events.Count);

        // Each queue got more than forty messages, minus those handled before the first sample.
        var outage = _sink.Events.Last().Alert.Outage!;
        Assert.InRange(outage.MessagesDelayed!.Value, 100, 132);
        Assert.True(outage.CallsSpared >= outage.MessagesDelayed);
        Assert.NotNull(outage.Ended);
        var report = await Eventually.Is(
            () => _worker.Services.GetRequiredService<IOutageReports>().Outages, reports => reports is [{ Drain: OutageDrain.Queues }], "the outage to be reported as drained");
        Assert.Equal((outage.MessagesDelayed, 3, outage.Began), (report[0].Delayed, report[0].Queues.Count, report[0].Began));
        Assert.True(report[0].Returned > 0 && report[0].DrainedIn > TimeSpan.Zero && report[0].LongestWait > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_backlog_behind_a_closed_breaker_raises_one_alert_per_queue()
    {
        var stall = _worker.Dependency.Stall();
        await SendAsync(40);
        await Eventually.Is(() => _sink.Events.Count >= 3, "three alerts");
        Assert.Equal(Queues.Select(queue => $"depth/queue:{queue}"), _sink.Events.Select(happened => happened.Key).Order(StringComparer.Ordinal));
        Assert.Equal(BreakerState.Closed, _worker.Breaker.State);
        await Eventually.Is(
            () => _worker.Monitor.Queues, queues => queues.All(queue => queue is { Ready: 36, Unacknowledged: 4, Consumers: 1 }), "the figures of all three queues to be right");
        stall.SetResult();
        await Eventually.Is(() => _sink.Events.Count == 6, "the alerts to be cleared");
    }

    IEnumerable<string> Queues => Suffixes.Select(suffix => _worker.Queue + suffix);

    async Task SendAsync(int count)
    {
        foreach (var queue in Queues)
        {
            var endpoint = await _worker.Bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
            await Task.WhenAll(Enumerable.Range(0, count).Select(number => endpoint.Send(new Work(number))));
        }
    }

    Task Receive(string what)
    {
        // Every listener gets all alerts, including those of other tests on this broker.
        if (what.Contains("breaker:first", StringComparison.Ordinal) || what.Contains(_worker.Queue, StringComparison.Ordinal))
            _published.Enqueue(what);
        return Task.CompletedTask;
    }

    sealed class Sink : IAlertSink
    {
        public ConcurrentQueue<(string Key, QueueAlert Alert)> Events { get; } = [];

        public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken)
        {
            Events.Enqueue((raised.Key, raised.Alert));
            return Task.CompletedTask;
        }

        public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken) =>
            RaiseAsync(new QueueAlertRaised(cleared.Key, cleared.Instance, cleared.Alert), cancellationToken);
    }
}
