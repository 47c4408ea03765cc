using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class RampLimitTests
{
    const long Second = 1_000_000;
    const long Call = 20_000;

    readonly RampMemory _memory = new(Second);
    readonly RampLimit _limit;
    long _now;

    public RampLimitTests() => _limit = Start();

    [Fact]
    public void It_doubles_each_round_up_to_ten()
    {
        Round();
        Assert.Equal(6, _limit.Calls);
        Round();
        Assert.Equal(10, _limit.Calls);
    }

    [Fact]
    public void Beyond_ten_it_waits_for_two_rounds_to_compare_and_then_grows_by_half()
    {
        Until(10);
        Round();
        Assert.Equal(10, _limit.Calls);
        Round();
        Assert.InRange(_limit.Calls, 10, 15);
        var before = _limit.Calls;
        Round();
        Assert.InRange(_limit.Calls, before * 1.3, before * 1.5);
    }

    [Fact]
    public void What_keeps_nobody_waiting_does_not_rise()
    {
        for (var call = 0; call < 100; call++)
            _limit.Succeed(3, Call, isWanted: false, 0);
        Assert.Equal(3, _limit.Calls);
    }

    [Fact]
    public void It_never_exceeds_a_load_that_was_quick_by_more_than_half()
    {
        Until(10);
        for (var call = 0; call < 200; call++)
            _limit.Succeed(10, Call, isWanted: true, 0);
        Assert.Equal(15, _limit.Calls);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(40)]
    public void A_dependency_that_slows_down_is_not_pushed_further(int servers)
    {
        var highest = 0;
        for (var round = 0; round < 200; round++)
        {
            Round(load => Call * Math.Max(servers, load) / servers);
            highest = Math.Max(highest, _limit.Calls);
        }

        Assert.InRange(highest, servers, 2 * servers);
        Assert.InRange(_limit.Calls, servers * 0.9, servers * 2);
    }

    [Fact]
    public void One_slow_round_costs_a_few_places_and_some_growth()
    {
        Until(60);
        var limit = _limit.Calls;
        Round(_ => 4 * Call);
        Assert.InRange(_limit.Calls, 0.7 * limit, limit);
        for (var round = 0; round < 10; round++)
            Round();
        Assert.InRange(_limit.Calls, 1.5 * limit, int.MaxValue);
    }

    [Fact]
    public void A_dependency_that_is_slow_at_any_load_still_gets_more_and_more_calls()
    {
        Until(60);
        var limit = _limit.Calls;
        var lowest = limit;
        for (var round = 0; round < 200 && _limit.Calls < 2 * limit; round++)
        {
            Round(_ => 3 * Call);
            lowest = Math.Min(lowest, _limit.Calls);
        }

        Assert.InRange(lowest, limit / 3, limit - 2);
        Assert.InRange(_limit.Calls, 2 * limit, int.MaxValue);
    }

    [Fact]
    public void A_cold_start_holds_nobody_back()
    {
        var slowness = 10.0;
        for (var round = 0; round < 20; round++)
            Round(_ => (long)(Call * (slowness = Math.Max(1, slowness * 0.99))));
        Assert.InRange(_limit.Calls, 200, int.MaxValue);
    }

    [Fact]
    public void A_few_calls_that_hang_do_not_hold_it_down()
    {
        var call = 0;
        for (var round = 0; round < 15; round++)
            Round(_ => call++ % 5 == 0 ? 20 * Call : Call);
        Assert.InRange(_limit.Calls, 50, int.MaxValue);
    }

    [Fact]
    public void Failures_that_come_together_halve_once()
    {
        Until(60);
        var limit = _limit.Calls;
        Fail(10 * limit, 20);
        Assert.Equal(limit / 2, _limit.Calls);
    }

    [Fact]
    public void At_least_one_call_is_always_admitted()
    {
        for (var round = 0; round < 20; round++)
        {
            Fail(_limit.Calls + 1, 5);
            for (var call = 0; call < 10; call++)
                _limit.Succeed(1, Call, isWanted: true, 0);
        }

        Assert.InRange(_limit.Calls, 1, 3);
    }

    [Fact]
    public void A_few_failures_in_a_round_are_the_messages_own()
    {
        Until(60);
        var limit = _limit.Calls;
        Fail(limit / 2, 3);
        Assert.Equal(limit, _limit.Calls);
        Fail(limit / 2, limit / 10);
        Assert.Equal(limit / 2, _limit.Calls);
    }

    [Fact]
    public void It_stays_a_tenth_below_a_cliff_and_tries_beyond_ever_more_seldom()
    {
        var (limit, failures, lastFailures) = (_limit, 0, 0);
        for (var round = 0; round < 1_000; round++)
        {
            Round(limit, bears: 19, ref failures);
            if (round == 499)
                lastFailures = failures;
        }

        Assert.InRange(failures, 2, 24);
        Assert.InRange(failures - lastFailures, 0, 4);
    }

    [Fact]
    public void One_in_a_hundred_that_fails_does_not_hold_up_the_ramp()
    {
        var calls = 0;
        for (var round = 0; round < 15; round++)
        {
            var load = _limit.Calls;
            for (var call = 0; call < load; call++)
                if (++calls % 100 == 0)
                    _limit.Fail(load + 1, 0);
                else
                    _limit.Succeed(load, Call, isWanted: true, 0);
        }

        Assert.InRange(_limit.Calls, 200, int.MaxValue);
    }

    [Fact]
    public void A_fall_is_not_risked_again_for_many_rounds()
    {
        Until(40);
        Fail(200, 10);
        for (var round = 0; round < 120; round++)
            Round();
        Assert.Equal(180, _limit.Calls);
        Until(201);
    }

    [Fact]
    public void What_one_ramp_found_out_the_next_one_knows()
    {
        Until(100);
        var next = Start();
        Round(next, _ => Call);
        Round(next, _ => Call);
        Round(next, _ => Call);
        Round(next, _ => Call);
        Assert.InRange(next.Calls, 30, 60);
    }

    [Fact]
    public void The_next_ramp_stays_below_the_cliff_and_an_instance_takes_its_share()
    {
        Until(40);
        Fail(100, 10);
        var next = Start(instances: 5);
        for (var round = 0; round < 50; round++)
            Round(next, _ => Call);
        Assert.Equal(18, next.Calls);
    }

    [Fact]
    public void A_healthy_level_is_known_for_an_hour_and_a_cliff_for_a_day()
    {
        Until(40);
        Fail(100, 10);
        _now += 3_601 * Second;
        Assert.Equal(0, _memory.Healthy(1, _now));
        Assert.Equal(100, _memory.Cliff(1, _now).Level);
        _now += 23 * 3_600 * Second;
        Assert.Equal(double.PositiveInfinity, _memory.Cliff(1, _now).Level);
    }

    RampLimit Start(int instances = 1) => new(3, _memory, instances, Second, _now);

    void Until(int calls)
    {
        while (_limit.Calls < calls)
            Round();
    }

    void Fail(int load, int calls)
    {
        for (var call = 0; call < calls; call++)
            _limit.Fail(load, _now);
    }

    void Round(Func<int, long>? time = null) => Round(_limit, time ?? (_ => Call));

    static void Round(RampLimit limit, Func<int, long> time)
    {
        var load = limit.Calls;
        for (var call = 0; call < Math.Max(load, 1); call++)
            limit.Succeed(load, time(load), isWanted: true, 0);
    }

    static void Round(RampLimit limit, int bears, ref int failures)
    {
        var load = limit.Calls;
        for (var call = 0; call < load; call++)
            if (limit.Calls > bears)
            {
                failures++;
                limit.Fail(limit.Calls, 0);
            }
            else
                limit.Succeed(Math.Min(load, bears), Call, isWanted: true, 0);
    }
}
