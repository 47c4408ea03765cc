using MassTransit;
using SampleWorkers.Drill;
using SampleWorkers.Transport;

namespace Messaging.Breaker.ChaosTests.Drills;

/// <summary>What the drill makes of a queue that it looks at while two workers' breakers are open.</summary>
public sealed class PauseWatchTests
{
    readonly FleetTimeline _timeline = new(["first", "second"]);
    readonly DateTimeOffset _opened = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(new long[] { 2, 1, 0, 0 }, 0L)] // a pause that takes its time is not a consumer while open
    [InlineData(new long[] { 1, 0, 1, 0 }, 1L)]
    [InlineData(new long[] { 1, 1, 2, 1 }, null)] // never quiet, and the time says so
    public async Task Counts_from_when_the_queue_was_quiet_and_says_how_long_that_took(long[] consumers, long? most)
    {
        Tell("first", BreakerState.Closed, BreakerState.Open, _opened - TimeSpan.FromSeconds(1));
        Tell("second", BreakerState.Closed, BreakerState.Open, _opened);
        var watch = await LookAsync(consumers);

        Assert.Equal(most, watch.ConsumersWhileOpen);
        Assert.Null(watch.UnackedWhileOpen);
        Assert.InRange(watch.QuietAfter!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task What_is_seen_while_a_worker_probes_does_not_count()
    {
        Tell("first", BreakerState.Closed, BreakerState.Open, _opened);
        Tell("second", BreakerState.Closed, BreakerState.Open, _opened);
        var watch = await LookAsync(consumers: [0, 1, 1]);
        // Told late: by then the queue had been read.
        Tell("second", BreakerState.Open, BreakerState.HalfOpen, _opened + TimeSpan.FromSeconds(1));

        Assert.Null(watch.ConsumersWhileOpen);
        Assert.Null(watch.QuietAfter);
    }

    [Fact]
    public async Task What_may_be_older_than_the_opening_does_not_count()
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

    /// <summary>Shows these figures, one at each look, and then has been looked at enough.</summary>
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
