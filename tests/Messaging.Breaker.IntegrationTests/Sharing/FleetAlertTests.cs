using System.Collections.Concurrent;
using System.Diagnostics;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Sharing;

public sealed class FleetAlertTests(BrokerFixture broker, RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_of_three_instances_sends_alerts_and_when_it_dies_another_continues(bool overRedis)
    {
        var told = new ConcurrentQueue<(string Event, string Worker)>();
        await using var fleet = overRedis ? HoldFleet.OverRedis(broker.Node, redis.Node) : HoldFleet.OverBus(broker.Node);
        var workers = new List<TestWorker>();
        for (var worker = 0; worker < 3; worker++)
            workers.Add(await fleet.AddAsync(name => services => services
                .AddSingleton<IAlertSink>(new Sink(name, told))
                .AddMessagingBreaker(breakers => breakers.WatchQueues(options =>
                {
                    options.SamplingInterval = TimeSpan.FromMilliseconds(200);
                    options.ManagementAddress = broker.Node.ManagementAddress.ToString();
                    (options.Rules.Depth.Raise, options.Rules.Depth.For, options.Rules.Depth.ClearFor) = (20, TimeSpan.FromSeconds(1), TimeSpan.Zero);
                }))));
        await workers[0].Endpoints.PauseAsync(fleet.Queue, "a test");
        await fleet.UntilConsumersAsync(0);
        await workers[0].SendAsync(0, 40);
        await Eventually.Is(() => !told.IsEmpty, "an alert");
        var speaker = int.Parse(told.First().Worker[1..], System.Globalization.CultureInfo.InvariantCulture) - 1;

        // An instance that dies between sending the alert and recording it would cause a second alert.
        var lists = (ISharedLedger)workers[(speaker + 1) % 3].Services.GetRequiredService<FleetStore>().Open();
        await Eventually.Is(() => lists.ReadAsync(AlertTopic.List, TestContext.Current.CancellationToken), topics => topics.Count == 1, "the alert to be recorded");

        // Its bus is not stopped and its container is gone, so to the store it is dead.
        await workers[speaker].DisposeOfContainerAsync();
        fleet.Forget(workers[speaker]);
        var left = workers[(speaker + 1) % 3];
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(25);)
        {
            Assert.Single(told);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await left.Endpoints.ResumeAsync(fleet.Queue);
        await Eventually.Is(() => told.Count > 1, "the end of the alert");
        await left.UntilHandledAsync(40);
        Assert.Equal([$"+depth/queue:{fleet.Queue}", $"-depth/queue:{fleet.Queue}"], told.Select(one => one.Event));
        Assert.NotEqual(told.First().Worker, told.Last().Worker);
    }

    sealed class Sink(string worker, ConcurrentQueue<(string Event, string Worker)> told) : IAlertSink
    {
        public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken)
        {
            told.Enqueue(($"+{raised.Key}", worker));
            return Task.CompletedTask;
        }

        public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken)
        {
            told.Enqueue(($"-{cleared.Key}", worker));
            return Task.CompletedTask;
        }
    }
}
