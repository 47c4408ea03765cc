using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class RampTests
{
    const long Second = 1_000_000;

    readonly Ramp _ramp = new(new RampLimit(3, new RampMemory(Second), 1, Second, 0), 10 * Second, 0);
    readonly List<TaskCompletionSource<int>> _entries = [];

    [Fact]
    public void No_more_than_the_limit_run_at_once_and_one_starts_when_another_ends()
    {
        Wait(10);
        Assert.Equal(3, UnderWay);
        _ramp.Exit(Outcome.Ignored, 1, 0, 0);
        Assert.Equal(4, UnderWay);
    }

    [Fact]
    public async Task Each_message_learns_the_load_at_which_it_runs()
    {
        Wait(4);
        var loads = await Task.WhenAll(_entries.Take(3).Select(entry => entry.Task));
        Assert.Equal([1, 2, 3], loads);
        _ramp.Exit(Outcome.Ignored, 1, 0, 0);
        Assert.Equal(3, await _entries[3].Task);
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
    public void A_cancelled_wait_takes_no_place()
    {
        Wait(5);
        Assert.True(_entries[3].TrySetCanceled(TestContext.Current.CancellationToken));
        _ramp.Exit(Outcome.Ignored, 1, 0, 0);
        Assert.True(_entries[4].Task.IsCompletedSuccessfully);
    }

    int UnderWay => _entries.Count(entry => entry.Task.IsCompletedSuccessfully);

    void Wait(int messages)
    {
        for (var message = 0; message < messages; message++)
            _entries.Add(_ramp.Enter(0));
    }
}
