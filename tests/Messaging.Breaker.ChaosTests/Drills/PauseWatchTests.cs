using MassTransit;
using SampleWorkers.Drill;
using SampleWorkers.Transport;

namespace Messaging.Breaker.ChaosTests.Drills;

/// <summary>How the drill judges a queue that it watches while the breakers of two workers are open.</summary>
public sealed class PauseWatchTests
{
    readonly FleetTimeline _timeline = new(["first", "second"]);
    readonly DateTimeOffset _opened = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(new long[] { 2, 1, 0, 0 }, 0L)] // a slow pause does not count as a consumer while open
    [InlineData(new long[] { 1, 0, 1, 0 }, 1L)]
    [InlineData(new long[] { 1, 1, 2, 1 }, null)] // never quiet, as the time shows
    public async Task Counting_starts_once_the_queue_is_quiet_and_the_time_until_then_is_reported(long[] consumers, long? most)
    {
        Tell("first", BreakerState.Closed, BreakerState.Open, _opened - TimeSpan.FromSeconds(1));
        Tell("second", BreakerState.Closed, BreakerState.Open, _opened);
        var watch = await LookAsync(consumers);

        Assert.Equal(most, watch.ConsumersWhileOpen);
        Assert.Null(watch.UnackedWhileOpen);
        Assert.InRange(watch.QuietAfter!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Readings_while_a_worker_probes_do_not_count()
    {
        Tell("first", BreakerState.Closed, BreakerState.Open, _opened);
        Tell("second", BreakerState.Closed, BreakerState.Open, _opened);
        var watch = await LookAsync(consumers: [0, 1, 1]);
        // This report arrives late: the queue was read before it.
        Tell("second", BreakerState.Open, BreakerState.HalfOpen, _opened + TimeSpan.FromSeconds(1));

        Assert.Null(watch.ConsumersWhileOpen);
        Assert.Null(watch.QuietAfter);
    }

    [Fact]
    public async Task Readings_that_may_be_older_than_the_opening_do_not_count()
    {
        Tell("first", BreakerState.Closed, BreakerState.Open, _opened);
        Tell("second", BreakerState.Closed, BreakerState.Open, _opened);
        var watch = await LookAsync(consumers: [0, 0, 0, 0], unacked: [0, 3, 0, 0], oldReadings: 2);

        Assert.Equal(0, watch.UnackedWhileOpen);
    }

    async Task<PauseWatch> LookAsync(long[] consumers, long[]? unacked = null, int oldReadings = 0)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watch = new PauseWatch(_timeline, new ScriptedQueue(consumers, unacked ?? [], oldReadings, enough));
        await watch.RunAsync(enough.Token);
        return watch;
    }

    void Tell(string worker, BreakerState from, BreakerState to, DateTimeOffset at) => _timeline.Add(worker, new Transition
    {
        Breaker = "payments",
        From = from,
        To = to,
        Cause = TransitionCause.ConsecutiveFailures,
        Reason = "test",
        At = at,
        Generation = 1,
        Window = default!,
        Mode = BreakerMode.Enforcing,
    });

    /// <summary>Returns the given figures one by one, and then ends the watch.</summary>
    sealed class ScriptedQueue(long[] consumers, long[] unacked, int oldReadings, CancellationTokenSource enough) : IDrillQueue
    {
        readonly Queue<long> _consumers = new(consumers);
        readonly Queue<long> _unacked = new(unacked);

        public IReadOnlyList<string> Notes => [];

        public int OldReadings => oldReadings;

        public BrokerAddress? AddressFor(string worker) => null;

        public void WatchConsumers(Action<string, int> started)
        {
        }

        public void ConfigureBus(IBusFactoryConfigurator bus)
        {
        }

        public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<QueueReading?> ReadAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Next(_consumers) is { } next ? new QueueReading(0, next) : (QueueReading?)null);

        public Task<long?> ReadUnackedAsync(CancellationToken cancellationToken) => Task.FromResult(Next(_unacked));

        public Task<long?> CountSetAsideAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(null);

        public Task<Parked?> ReadParkedAsync(CancellationToken cancellationToken) => Task.FromResult<Parked?>(null);

        public Task<Leftovers> CollectAsync(CancellationToken cancellationToken) => Task.FromResult(new Leftovers([], [], [], 0));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        long? Next(Queue<long> rest)
        {
            if (rest.TryDequeue(out var next))
                return next;
            if (_consumers.Count + _unacked.Count == 0)
                enough.Cancel();
            return null;
        }
    }
}
