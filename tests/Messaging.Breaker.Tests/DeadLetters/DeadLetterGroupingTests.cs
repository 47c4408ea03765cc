using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.Tests.DeadLetters;

public class DeadLetterGroupingTests
{
    [Fact]
    public void A_group_has_its_figures_and_its_first_message()
    {
        var book = new DeadLetterGrouping(withBodies: false);
        foreach (var number in (int[])[7, 3, 9])
            book.Add(TestLetter.Of(number, $"Order {number} is bad"));
        book.Add(TestLetter.Of(1, "No room"));
        Assert.Equal([3L, 1L], book.Groups.Select(group => group.Count));
        var group = book.Groups[0];
        Assert.Equal((DateTimeOffset.UnixEpoch.AddSeconds(3), DateTimeOffset.UnixEpoch.AddSeconds(9)), (group.First, group.Last));
        Assert.Equal("7", group.Sample.MessageId);
    }

    [Fact]
    public void However_many_texts_there_are_the_groups_are_bounded()
    {
        var book = new DeadLetterGrouping(withBodies: false);
        for (var number = 0; number < 2_000; number++)
            book.Add(TestLetter.Of(number, "text " + new string('x', number % 600)));
        Assert.Equal(2_000, book.Messages);
        Assert.InRange(book.Groups.Count, 490, 500);
        Assert.Equal(2_000 - book.Ungrouped, book.Groups.Sum(group => group.Count));
    }

    [Fact]
    public void A_selection_is_by_group_id_and_time()
    {
        var letter = TestLetter.Of(50, "Order 50");
        Assert.True(Selects(new DeadLetterSelection { Reason = "test" }));
        Assert.True(Selects(new DeadLetterSelection { Reason = "test", Group = letter.Fault.Key, Messages = ["50"], From = At(50), Until = At(51) }));
        Assert.False(Selects(new DeadLetterSelection { Reason = "test", Group = "another" }));
        Assert.False(Selects(new DeadLetterSelection { Reason = "test", Messages = ["51"] }));
        Assert.False(Selects(new DeadLetterSelection { Reason = "test", From = At(51) }));
        Assert.False(Selects(new DeadLetterSelection { Reason = "test", Until = At(50) }));

        bool Selects(DeadLetterSelection selection) => new SelectionFilter(selection).Selects(letter);
        static DateTimeOffset At(int seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
    }
}
