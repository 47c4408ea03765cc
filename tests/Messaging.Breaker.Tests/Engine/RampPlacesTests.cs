using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

/// <summary>A ramp whose messages need not wait, because they can go elsewhere.</summary>
public class RampPlacesTests
{
    const long Second = 1_000_000;
    const long Call = 20_000;

    readonly Ramp _ramp = new(new RampLimit(3, new RampMemory(Second), 1, Second, 0), 10 * Second, 0);

    [Fact]
    public void It_admits_up_to_its_limit_and_sends_the_others_away()
    {
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => Enter(0)));
        Assert.Null(Enter(0));
        _ramp.Exit(Outcome.Ignored, 3, Call, Call);
        Assert.Equal(3, Enter(Call));
        Assert.Null(Enter(Call));
    }

    [Fact]
    public void A_message_that_waits_for_a_place_comes_first()
    {
        for (var i = 0; i < 3; i++)
            Enter(0);
        var waits = _ramp.Enter(0);
        _ramp.Exit(Outcome.Ignored, 3, Call, Call);
        Assert.True(waits.Task.IsCompletedSuccessfully);
        Assert.Null(Enter(Call));
    }

    [Fact]
    public void It_rises_while_it_sends_others_away_and_not_otherwise()
    {
        for (var round = 0; round < 3; round++)
            Round(round * Call, turnsAway: false);
        Assert.Equal(3, _ramp.Limit);
        for (var round = 3; round < 6; round++)
            Round(round * Call, turnsAway: true);
        Assert.InRange(_ramp.Limit, 6, 20);
    }

    [Fact]
    public void It_is_over_when_it_has_sent_nobody_away_for_a_while()
    {
        Round(0, turnsAway: true);
        Round(11 * Second, turnsAway: false);
        Assert.True(_ramp.IsOver);
        Assert.NotNull(Enter(12 * Second));
    }

    int? Enter(long now) => _ramp.TryEnter(now, out var load) ? load : null;

    void Round(long now, bool turnsAway)
    {
        var places = _ramp.Limit;
        var loads = Enumerable.Range(0, places).Select(_ => Enter(now)).OfType<int>().ToList();
        if (turnsAway)
            Assert.Null(Enter(now));
        foreach (var load in loads)
            _ramp.Exit(Outcome.Success, load, Call, now + Call);
    }
}
