using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class RampTests
{
    const long Second = 1_000_000;
    const long Call = 20_000;

    readonly Ramp _ramp = new(3, Second, 10 * Second, 0);
    readonly List<TaskCompletionSource> _entries = [];

    [Fact]
    public void Only_so_many_go_at_once_and_one_goes_when_another_is_done()
    {
        Wait(10);
        Assert.Equal(3, UnderWay);
        _ramp.Exit(Outcome.Ignored, Call);
        Assert.Equal(4, UnderWay);
    }

    [Fact]
    public void Each_round_adds_one()
    {
        Wait(100);
        Finish(4);
        Assert.Equal(4, _ramp.Limit);
        Assert.Equal(4 + 4, UnderWay);
        Finish(5);
        Assert.Equal(5, _ramp.Limit);
    }

    [Fact]
    public void What_keeps_nobody_waiting_does_not_rise()
    {
        Wait(2);
        Finish(2);
        Assert.Equal(3, _ramp.Limit);
    }

    [Fact]
    public void Failures_that_come_together_halve_once()
    {
        Wait(200);
        Finish(60);
        var limit = _ramp.Limit;
        for (var failure = 0; failure < 5; failure++)
            _ramp.Exit(Outcome.Failure, Call);
        Assert.Equal(limit / 2, _ramp.Limit);
    }

    [Fact]
    public void One_always_goes()
    {
        Wait(1_000);
        for (var round = 0; round < 20; round++)
        {
            _ramp.Exit(Outcome.Failure, Call);
            Finish(10);
            _ramp.Exit(Outcome.Failure, Call);
        }

        Assert.InRange(_ramp.Limit, 1, 3);
    }

    [Fact]
    public void A_dependency_that_slows_down_is_not_pushed_further()
    {
        Wait(2_000);
        var highest = 0;
        for (var call = 0; call < 1_000; call++)
        {
            highest = Math.Max(highest, _ramp.Limit);
            // Ten at once take as long as one; more than that share.
            _ramp.Exit(Outcome.Success, Call * Math.Max(10, _ramp.Limit) / 10);
        }

        Assert.InRange(highest, 12, 15);
        Assert.InRange(_ramp.Limit, 10, 15);
    }

    [Fact]
    public void One_slow_round_costs_a_few_places_and_not_half()
    {
        Wait(2_000);
        Finish(200);
        var limit = _ramp.Limit;
        for (var call = 0; call < limit; call++)
            _ramp.Exit(Outcome.Success, 4 * Call);
        Finish(2 * limit);
        Assert.InRange(_ramp.Limit, limit - 4, limit + 2);
    }

    [Fact]
    public void A_dependency_that_is_slower_whatever_the_load_still_gets_more_and_more()
    {
        Wait(4_000);
        Finish(200);
        var limit = _ramp.Limit;
        var lowest = limit;
        for (var call = 0; call < 2_000; call++)
        {
            _ramp.Exit(Outcome.Success, 3 * Call);
            lowest = Math.Min(lowest, _ramp.Limit);
        }

        Assert.InRange(lowest, limit / 2 - 1, limit - 2);
        Assert.InRange(_ramp.Limit, 2 * limit, int.MaxValue);
    }

    [Fact]
    public void A_few_calls_that_hang_do_not_hold_it_down()
    {
        Wait(2_000);
        for (var call = 0; call < 600; call++)
            _ramp.Exit(Outcome.Success, call % 5 == 0 ? 20 * Call : Call);
        Assert.InRange(_ramp.Limit, 30, 40);
    }

    [Fact]
    public void It_ends_when_nobody_had_to_wait_for_a_while()
    {
        _ramp.Enter(5 * Second);
        Assert.False(_ramp.IsOver);
        _ramp.Enter(11 * Second);
        Assert.True(_ramp.IsOver);
    }

    [Fact]
    public void Its_end_lets_everybody_go()
    {
        Wait(100);
        _ramp.End();
        Assert.Equal(100, UnderWay);
    }

    [Fact]
    public void One_who_lost_his_patience_takes_no_place()
    {
        Wait(5);
        Assert.True(_entries[3].TrySetCanceled(TestContext.Current.CancellationToken));
        _ramp.Exit(Outcome.Ignored, Call);
        Assert.True(_entries[4].Task.IsCompletedSuccessfully);
    }

    int UnderWay => _entries.Count(entry => entry.Task.IsCompletedSuccessfully);

    void Wait(int messages)
    {
        for (var message = 0; message < messages; message++)
            _entries.Add(_ramp.Enter(0));
    }

    void Finish(int calls)
    {
        for (var call = 0; call < calls; call++)
            _ramp.Exit(Outcome.Success, Call);
    }
}
