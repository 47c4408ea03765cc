using System.Collections.Concurrent;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class ConcurrencyTests
{
    const int Threads = 8;
    const int CallsPerThread = 25_000;

    [Fact]
    public async Task Eight_threads_across_trips_break_no_rule()
    {
        var changes = new List<StateChange>();
        var underWay = new ConcurrentDictionary<long, int>();
        var granted = new ConcurrentDictionary<long, int>();
        var options = new BreakerOptions { Probes = 4, ProbeConcurrency = 2, ProbeTimeout = TimeSpan.FromHours(1), BreakDuration = TimeSpan.FromMilliseconds(20) };
        var engine = new BreakerEngine(options.ToSettings(1_000), BreakerMode.Enforcing, 0, new Random(1), changes.Add);
        var clock = 0L;
        var worst = 0;

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(thread);
                for (var call = 0; call < CallsPerThread; call++)
                {
                    var now = Interlocked.Increment(ref clock) / 16;
                    var permit = engine.TryAcquire(now);
                    if (!permit.IsGranted)
                        continue;
                    if (permit.IsProbe)
                    {
                        granted.AddOrUpdate(permit.Generation, 1, (_, count) => count + 1);
                        Max(ref worst, underWay.AddOrUpdate(permit.Generation, 1, (_, count) => count + 1));
                        Thread.Yield();
                        underWay.AddOrUpdate(permit.Generation, 0, (_, count) => count - 1);
                    }

                    // Every other stretch of the clock is an outage.
                    engine.Record(permit, now / 256 % 2 == 1 || random.Next(50) == 0 ? Outcome.Failure : Outcome.Success, 0, now);
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.InRange(worst, 1, 2);
        Assert.All(granted.Values, count => Assert.InRange(count, 1, 4));
        Assert.InRange(changes.Count, 3, int.MaxValue);
        Assert.Equal(Enumerable.Range(2, changes.Count).Select(n => (long)n), changes.Select(change => change.Generation));
        Assert.Equal([BreakerState.Closed, .. changes.SkipLast(1).Select(change => change.To)], changes.Select(change => change.From));
    }

    [Fact]
    public async Task No_outcome_is_lost_between_threads()
    {
        var options = new BreakerOptions { FailureRatio = 1, ConsecutiveFailures = null, WindowCalls = 10_000_000, SamplingDuration = TimeSpan.FromHours(1) };
        var engine = new BreakerEngine(options.ToSettings(1_000), BreakerMode.Enforcing, 0, new Random(1), _ => { });
        engine.Record(engine.TryAcquire(0), Outcome.Success, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var call = 0; call < CallsPerThread; call++)
                    engine.Record(engine.TryAcquire(1), call % 10 == 0 ? Outcome.Failure : Outcome.Success, 0, 1);
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Equal(new WindowSnapshot(1 + Threads * CallsPerThread, Threads * CallsPerThread / 10, 0), engine.Read(1).Evidence);
    }

    static void Max(ref int worst, int value)
    {
        for (var seen = Volatile.Read(ref worst); value > seen; seen = Volatile.Read(ref worst))
            Interlocked.CompareExchange(ref worst, value, seen);
    }
}
