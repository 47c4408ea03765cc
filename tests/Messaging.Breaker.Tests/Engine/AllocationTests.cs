using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class AllocationTests
{
    [Fact]
    public void A_permit_and_its_record_allocate_nothing_while_closed()
    {
        var engine = new BreakerEngine(
            new BreakerOptions().ToSettings(TimeProvider.System.TimestampFrequency), BreakerMode.Enforcing, 0, new Random(1), _ => { });
        Record(engine, 0, 1_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Record(engine, 1_000, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_refusal_allocates_nothing()
    {
        var engine = new BreakerEngine(
            new BreakerOptions().ToSettings(TimeProvider.System.TimestampFrequency), BreakerMode.Enforcing, 0, new Random(1), _ => { });
        engine.Trip("test", 0, 0);
        Assert.False(engine.TryAcquire(0).IsGranted);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            engine.TryAcquire(0);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    static void Record(BreakerEngine engine, int from, int count)
    {
        for (var now = from; now < from + count; now++)
            engine.Record(engine.TryAcquire(now), Outcome.Success, 1, now);
    }
}
