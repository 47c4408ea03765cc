using Messaging.Breaker.Engine;
using Messaging.Breaker.Tests.Support;

namespace Messaging.Breaker.Tests.Breakers;

public class AlarmTests
{
    /// <summary>
    /// A probe that was admitted while another reopened the breaker used to set the alarm to its own time-out, and the break lasted until
    /// then.
    /// </summary>
    [Fact]
    public void A_break_ends_on_time_however_its_probes_race()
    {
        using var harness = new BreakerHarness(configure: options => options.MaxBreakDuration = options.BreakDuration);
        harness.GoHalfOpen();
        for (var round = 0; round < 3_000; round++)
        {
            Parallel.For(0, 4, _ => harness.Record(Outcome.Failure));
            Assert.Equal(BreakerState.Open, harness.Breaker.State);
            harness.Clock.Advance(harness.Options.BreakDuration);
            Assert.Equal(BreakerState.HalfOpen, harness.Breaker.State);
        }
    }
}
