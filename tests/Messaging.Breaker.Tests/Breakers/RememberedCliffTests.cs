using Messaging.Breaker.Engine;
using Messaging.Breaker.Tests.Support;

namespace Messaging.Breaker.Tests.Breakers;

public sealed class RememberedCliffTests : IDisposable
{
    readonly BreakerHarness _harness = new();

    [Fact]
    public void A_reload_that_does_not_change_the_breaker_keeps_what_earlier_ramps_learned()
    {
        FailInRamp();
        _harness.Breaker.Reconfigure(new BreakerOptions());
        Assert.InRange(LimitAfterRamp(), 1, 3);
    }

    [Fact]
    public void A_reload_that_changes_the_breaker_forgets_what_earlier_ramps_learned()
    {
        FailInRamp();
        _harness.Breaker.Reconfigure(new BreakerOptions { MinimumThroughput = 30 });
        Assert.InRange(LimitAfterRamp(), 5, int.MaxValue);
    }

    public void Dispose() => _harness.Dispose();

    void FailInRamp()
    {
        var ramp = Enter(StartRamp());
        for (var call = 0; call < 2; call++)
            ramp.Exit(Outcome.Failure, ramp.Limit, BreakerHarness.Call.Ticks, _harness.Breaker.Now);
    }

    int LimitAfterRamp()
    {
        var ramp = Enter(StartRamp());
        for (var call = 0; call < 40; call++)
            ramp.Exit(Outcome.Success, ramp.Limit, BreakerHarness.Call.Ticks, _harness.Breaker.Now);
        return ramp.Limit;
    }

    Ramp StartRamp()
    {
        _harness.GoHalfOpen();
        for (var probe = 0; probe < 2; probe++)
            _harness.Record(Outcome.Success);
        return _harness.Breaker.Ramp!;
    }

    Ramp Enter(Ramp ramp)
    {
        for (var message = 0; message < 100; message++)
            ramp.Enter(_harness.Breaker.Now);
        return ramp;
    }
}
