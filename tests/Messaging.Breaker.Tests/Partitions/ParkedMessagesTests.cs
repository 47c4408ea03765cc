using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.Tests.Partitions;

/// <summary>What one instance knows about the messages in the queue of a key. The broker reports only their number.</summary>
public class ParkedMessagesTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly MessageSizes _sizes = new();

    [Fact]
    public void Nothing_is_said_before_the_first_count()
    {
        var parked = new ParkedMessages(_sizes, Start);
        Move(parked, 100, At(1));
        Assert.Null(parked.Messages);
        Assert.Null(parked.OldestAt);
    }

    [Fact]
    public void What_this_process_has_parked_is_known_exactly()
    {
        var parked = new ParkedMessages(_sizes, Start);
        foreach (var second in Enumerable.Range(1, 10))
            Move(parked, second * 100, At(second * 10));
        Count(parked, 10, At(110));
        Assert.Equal((10, 5_500, At(10)), (parked.Messages, parked.Bytes, parked.OldestAt));

        // The first seven have left.
        Count(parked, 3, At(120));
        Assert.Equal((3, 2_700, At(80)), (parked.Messages, parked.Bytes, parked.OldestAt));

        Count(parked, 0, At(130), isEmpty: true);
        Assert.Equal((0, 0, null), (parked.Messages, parked.Bytes, parked.OldestAt));
        Move(parked, 70, At(140));
        Count(parked, 1, At(150));
        Assert.Equal((1, 70, At(140)), (parked.Messages, parked.Bytes, parked.OldestAt));
    }

    [Fact]
    public void After_a_restart_sizes_are_unknown_until_one_was_seen_and_ages_are_those_of_the_queue()
    {
        var parked = new ParkedMessages(_sizes, Start);
        Count(parked, 1_000, At(3_600));
        Assert.Equal((1_000, null, Start), (parked.Messages, parked.Bytes, parked.OldestAt));

        parked.See(300);
        Assert.Equal(300_000, parked.Bytes);
        Move(parked, 100, At(3_700));
        Count(parked, 1_001, At(3_800));
        // Each of the thousand unknown messages counts as the mean of the sizes seen, (300 + 100) / 2.
        Assert.Equal((1_001, 200_100, Start), (parked.Messages, parked.Bytes, parked.OldestAt));
    }

    [Fact]
    public void The_sizes_of_other_keys_stand_in_until_a_message_of_the_queue_is_seen()
    {
        new ParkedMessages(_sizes, Start).See(500);
        var parked = new ParkedMessages(_sizes, Start);
        Count(parked, 4, At(1));
        Assert.Equal(2_000, parked.Bytes);
    }

    [Fact]
    public void Messages_that_other_instances_park_too_make_ages_an_upper_bound()
    {
        var parked = new ParkedMessages(_sizes, At(100));
        parked.WasEmpty(Start);
        parked.WasEmpty(At(200));
        Move(parked, 10, At(300));
        Count(parked, 5, At(310));
        Assert.Equal(Start, parked.OldestAt);
    }

    [Fact]
    public void A_queue_whose_messages_are_delivered_to_another_instance_is_not_empty()
    {
        var parked = new ParkedMessages(_sizes, Start);
        Count(parked, 0, At(500), isEmpty: false);
        Count(parked, 3, At(600));
        Assert.Equal(Start, parked.OldestAt);
    }

    [Fact]
    public void A_count_that_crosses_a_move_neither_loses_the_oldest_nor_invents_one()
    {
        var parked = new ParkedMessages(_sizes, Start);
        Move(parked, 10, At(10));
        Move(parked, 10, At(20));

        // The message arrives before the count, and its move is reported afterwards.
        parked.BeginMove();
        parked.Count(3, 0, parked.Moved, isEmpty: false, At(30));
        Assert.Equal(At(10), parked.OldestAt);
        parked.EndMove(10, At(31));

        // The message arrives after the count.
        var before = parked.Moved;
        Move(parked, 10, At(40));
        parked.Count(3, 0, before, isEmpty: false, At(39));
        Assert.Equal(At(10), parked.OldestAt);

        parked.BeginMove();
        parked.FailMove();
        Count(parked, 4, At(50));
        Assert.Equal((40, At(10)), (parked.Bytes, parked.OldestAt));
    }

    [Fact]
    public void A_probe_that_comes_back_is_as_old_as_it_was()
    {
        var parked = new ParkedMessages(_sizes, Start);
        Move(parked, 10, At(10));
        Move(parked, 10, At(20));
        parked.Count(1, 1, parked.Moved, isEmpty: false, At(30));
        Count(parked, 2, At(40));
        Assert.Equal(At(10), parked.OldestAt);
    }

    [Fact]
    public void However_many_messages_are_parked_little_is_remembered_and_no_age_is_understated()
    {
        var parked = new ParkedMessages(_sizes, Start);
        const int Many = 100_000;
        for (var second = 1; second <= Many; second++)
            Move(parked, 10, At(second));
        Count(parked, Many / 2, At(Many));
        Assert.Equal(10L * (Many / 2), parked.Bytes);
        Assert.InRange(parked.OldestAt!.Value, At(Many / 2 - Many / 50), At(Many / 2 + 1));
    }

    static DateTimeOffset At(int seconds) => Start.AddSeconds(seconds);

    static void Move(ParkedMessages parked, int bytes, DateTimeOffset at)
    {
        parked.BeginMove();
        parked.EndMove(bytes, at);
    }

    static void Count(ParkedMessages parked, long messages, DateTimeOffset at, bool isEmpty = false) => parked.Count(messages, 0, parked.Moved, isEmpty, at);
}
