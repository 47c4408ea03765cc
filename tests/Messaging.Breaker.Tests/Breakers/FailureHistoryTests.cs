using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Tests.Support;

namespace Messaging.Breaker.Tests.Breakers;

public class FailureHistoryTests
{
    static readonly MessageFailure CallFailed = new(IsUnexplained: false, HasCalled: true, IsCounted: false);

    [Theory]
    [InlineData(1_000, 0, 2)]
    [InlineData(20, 0, 4)]
    [InlineData(1, 0, 12)]
    public void The_more_others_succeed_the_sooner_a_message_is_charged(int othersBetweenFailures, int othersFailing, int expected)
    {
        using var harness = new BreakerHarness();
        Assert.Equal(expected, FailuresUntilProven(harness, othersBetweenFailures, othersFailing));
    }

    [Fact]
    public void The_dependencys_other_failures_count_in_favour_of_a_message()
    {
        using var harness = new BreakerHarness(configure: options => options.FailureRatio = 1);
        Assert.Equal(14, FailuresUntilProven(harness, 20, 7));
    }

    [Fact]
    public void Without_a_witness_no_number_of_failures_proves_anything()
    {
        using var harness = new BreakerHarness(configure: options => options.ConsecutiveFailures = null);
        var history = new FailureHistory(harness.Breaker);
        for (var failure = 0; failure < 100; failure++)
        {
            harness.Record(Outcome.Failure);
            history.Fail(harness.Breaker.Now, CallFailed);
        }

        Assert.Equal(0, history.FailuresAmidSuccesses);
        Assert.False(history.IsProven);
    }

    /// <summary>
    /// A load balancer takes three servers in turn, one of which is dead, and one more call always comes before the message's next run.
    /// If the message always waited for the same number of calls, it would meet the dead server every time, and the others never.
    /// </summary>
    [Fact]
    public void A_message_that_meets_one_dead_server_of_three_is_hardly_ever_charged()
    {
        Assert.InRange(Enumerable.Range(0, 1_000).Count(_ => IsChargedInTurn()), 0, 10);
    }

    [Fact]
    public void Others_are_asked_first_once_in_each_round()
    {
        using var harness = new BreakerHarness();
        var history = new FailureHistory(harness.Breaker);
        Assert.False(history.LetsOthersPass(1));
        history.FailAsProbe(1, 1);
        history.FailAsProbe(1, 1);
        Assert.Equal(1, history.FailedRounds);
        Assert.True(history.LetsOthersPass(2));
        Assert.False(history.LetsOthersPass(2));
        Assert.True(history.HasLetOthersPass(2));
        Assert.True(history.LetsOthersPass(3));
    }

    static int FailuresUntilProven(BreakerHarness harness, int others, int failing)
    {
        var history = new FailureHistory(harness.Breaker);
        for (var failures = 1; failures < 100; failures++)
        {
            history.Fail(harness.Breaker.Now, CallFailed);
            harness.Clock.Advance(BreakerHarness.Call);
            for (var other = 0; other < others; other++)
                harness.Record(other < failing ? Outcome.Failure : Outcome.Success);
            if (history.IsProven)
                return failures;
        }

        return -1;
    }

    static bool IsChargedInTurn()
    {
        using var harness = new BreakerHarness(configure: options => options.ConsecutiveFailures = null);
        var history = new FailureHistory(harness.Breaker);
        for (var call = 0; call % 3 == 0; call++)
        {
            var awaited = history.Fail(harness.Breaker.Now, CallFailed);
            while (!awaited.Enough.IsCompleted)
                CallOfAnother();
            CallOfAnother();
            if (history.IsProven)
                return true;

            void CallOfAnother()
            {
                harness.Clock.Advance(BreakerHarness.Call);
                harness.Record(++call % 3 == 0 ? Outcome.Failure : Outcome.Success);
            }
        }

        return false;
    }
}
