using Messaging.Breaker.RabbitMq.Partitions;

namespace Messaging.Breaker.Tests.RabbitMq.Partitions;

public class KeyQueueUseTests
{
    readonly KeyQueueUse _use = new(TimeProvider.System, isKnown: false);

    [Fact]
    public async Task A_message_waits_until_all_earlier_ones_have_come()
    {
        var turns = Begin(3, 1, 2);
        Assert.True(turns[1].IsCompletedSuccessfully);
        _use.EndMove(1, hasCome: true);
        await turns[2];
        Assert.False(turns[3].IsCompleted);
        _use.EndMove(2, hasCome: true);
        await turns[3];
    }

    [Fact]
    public async Task Messages_behind_one_that_could_not_come_go_back_too()
    {
        var turns = Begin(1, 2, 3);
        _use.EndMove(1, hasCome: false);
        await Assert.ThrowsAsync<IOException>(() => turns[2]);
        _use.EndMove(2, hasCome: false);
        await Assert.ThrowsAsync<IOException>(() => turns[3]);
        _use.EndMove(3, hasCome: false);
        Assert.False(_use.IsInUse);

        Assert.True(Begin(4)[4].IsCompletedSuccessfully);
    }

    [Fact]
    public void A_message_whose_tag_an_earlier_channel_used_too_does_not_wait_for_ever()
    {
        Assert.True(_use.TryBeginMove(1));
        Assert.True(_use.TryBeginMove(1));
        _use.EndMove(1, hasCome: false);
        Assert.True(_use.WaitForTurnAsync(1, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    Dictionary<ulong, Task> Begin(params ulong[] tags)
    {
        foreach (var tag in tags)
            Assert.True(_use.TryBeginMove(tag));
        return tags.ToDictionary(tag => tag, tag => _use.WaitForTurnAsync(tag, TestContext.Current.CancellationToken));
    }
}
