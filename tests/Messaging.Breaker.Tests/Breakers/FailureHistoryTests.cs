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
    public void A_message_is_charged_the_sooner_the_more_others_succeed(int othersBetweenFailures, int othersFailing, int expected)
    {
        using var harness = new BreakerHarness();
        Assert.Equal(expected, FailuresUntilProven(harness, othersBetweenFailures, othersFailing));
    }

    [Fact]
    public void A_message_is_given_the_benefit_of_the_dependencys_failures()
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
    /// As behind a balancer before three servers of which one is dead, while one more call is always ahead of the message when it is run
    /// again: did it always wait for the same, it would meet the dead server every time, and the others never.
    /// </summary>
    [Fact]
    public void A_message_that_a_dead_server_meets_in_turn_is_hardly_ever_charged()
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
