using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.Tests.Partitions;

/// <summary>The order in which messages of a key begin, if they could not begin at once.</summary>
public class KeyTurnsTests
{
    readonly KeyTurns _turns = new();
    readonly BreakerKey _acme = new("acme", null!);
    readonly BreakerKey _globex = new("globex", null!);

    [Fact]
    public async Task A_message_waits_for_those_that_were_delivered_before_it()
    {
        var (third, first, second) = (_turns.Enter(_acme, 3), _turns.Enter(_acme, 1), _turns.Enter(_acme, 2));
        var (onFirst, onSecond, onThird) = (WaitAsync(first), WaitAsync(second), WaitAsync(third));
        await onFirst;
        Assert.False(onSecond.IsCompleted);

        first.Dispose();
        await onSecond;
        Assert.False(onThird.IsCompleted);

        second.Dispose();
        await onThird;
        Assert.True(_turns.Any(_acme));

        third.Dispose();
        Assert.False(_turns.Any(_acme));
    }

    [Fact]
    public async Task A_message_does_not_wait_for_those_of_other_keys()
    {
        _turns.Enter(_acme, 1);
        Assert.False(_turns.Any(_globex));
        await WaitAsync(_turns.Enter(_globex, 2));
    }

    [Fact]
    public async Task Messages_behind_one_that_goes_back_go_back_too()
    {
        var (first, second, third) = (_turns.Enter(_acme, 1), _turns.Enter(_acme, 2), _turns.Enter(_acme, 3));
        second.SendBackLater();
        await WaitAsync(third);
        Assert.Equal((false, false, true), (first.GoesBack, second.GoesBack, third.GoesBack));
        Assert.False(_turns.Enter(_acme, 4).GoesBack);
    }

    [Fact]
    public async Task A_cancelled_message_waits_no_longer_and_the_next_one_still_waits_for_it()
    {
        using var cancelled = new CancellationTokenSource();
        var (first, second, third) = (_turns.Enter(_acme, 1), _turns.Enter(_acme, 2), _turns.Enter(_acme, 3));
        var (onSecond, onThird) = (second.WaitAsync(cancelled.Token), WaitAsync(third));
        await cancelled.CancelAsync();
        await onSecond;
        first.Dispose();
        Assert.False(onThird.IsCompleted);
        second.Dispose();
        await onThird;
    }

    [Fact]
    public async Task Deliveries_of_two_channels_may_have_the_same_number()
    {
        var (old, next) = (_turns.Enter(_acme, 1), _turns.Enter(_acme, 1));
        var onNext = WaitAsync(next);
        old.Dispose();
        await onNext;
        next.Dispose();
        next.Dispose();
        Assert.False(_turns.Any(_acme));
    }

    static Task WaitAsync(KeyTurn turn) => turn.WaitAsync(TestContext.Current.CancellationToken);
}
