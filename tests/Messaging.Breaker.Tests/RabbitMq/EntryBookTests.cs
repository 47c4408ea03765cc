using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.RabbitMq;

public class EntryBookTests
{
    readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_next_coordinator_continues_from_the_snapshot_and_passes_on_unknown_fields()
    {
        var book = new SharedLists(_time);
        Put(book, "runs", "a", "one");
        _time.Advance(TimeSpan.FromSeconds(5));
        Put(book, "runs", "a", "two");
        Put(book, "trips", "a", "three");
        Assert.True(book.IsDirty);
        _time.Advance(TimeSpan.FromSeconds(5));
        using var colour = System.Text.Json.JsonDocument.Parse("[1]");
        var written = book.TakeSnapshot() with { Format = 7, Unknown = new() { ["colour"] = colour.RootElement } };
        Assert.False(book.IsDirty);

        _time.Advance(TimeSpan.FromSeconds(10));
        var next = new SharedLists(_time);
        next.Load(written);
        _time.Advance(TimeSpan.FromSeconds(1));
        var entry = Assert.Single(next.Apply(new ReadEntries("runs")).Entries!);
        Assert.Equal(("two", TimeSpan.FromSeconds(16)), (entry.Text, entry.Age));
        Assert.Equal((7, written.Revision + 1), (next.TakeSnapshot().Format, next.TakeSnapshot().Revision - 1));
        Assert.Contains("colour", next.TakeSnapshot().Unknown!.Keys);
    }

    [Fact]
    public void Reports_of_instances_are_not_written_and_take_no_room_from_entries_that_are()
    {
        var book = new SharedLists(_time);
        Put(book, "runs", "a", "one");
        book.TakeSnapshot();
        for (var number = 0; number < 1_000; number++)
            Put(book, "instances", $"{number}", new string('x', 8_000));
        Assert.False(book.IsDirty);
        Assert.Equal(200, book.Apply(new ReadEntries("instances")).Entries!.Count);
        Assert.Equal("runs", Assert.Single(book.TakeSnapshot().Entries).List);

        // An earlier version did write the reports of instances.
        var next = new SharedLists(_time);
        next.Load(book.TakeSnapshot() with { Entries = [new KeptEntry("instances", "1", "x", TimeSpan.Zero), new KeptEntry("runs", "a", "one", TimeSpan.Zero)] });
        Assert.Empty(next.Apply(new ReadEntries("instances")).Entries!);
        Assert.Single(next.Apply(new ReadEntries("runs")).Entries!);
    }

    [Fact]
    public void What_is_kept_is_bounded_whatever_is_put()
    {
        var book = new SharedLists(_time);
        for (var number = 0; number < 1_000; number++)
            Put(book, "runs", $"{number}", new string('x', 8_000));
        Assert.Equal("999", book.Apply(new ReadEntries("runs")).Entries![^1].Id);
        Assert.InRange(book.TakeSnapshot().Entries.Sum(entry => entry.Text.Length), 900_000, 1_000_000);
        for (var number = 0; number < 300; number++)
            Put(book, "runs", $"{number}", "");
        Assert.Equal(200, book.TakeSnapshot().Entries.Count);
        for (var list = 0; list < 9; list++)
            Put(book, $"list {list}", "a", "text");
        Assert.NotNull(book.Apply(new PutEntry("one too many", "a", "text")).Problem);
    }

    [Theory]
    [InlineData(null, "a", "text")]
    [InlineData("", "a", "text")]
    [InlineData("runs", null, "text")]
    [InlineData("runs", "a", null)]
    public void What_has_no_name_or_text_is_refused(string? list, string? id, string? text) =>
        Assert.NotNull(new SharedLists(_time).Apply(new PutEntry(list!, id!, text!)).Problem);

    static void Put(SharedLists book, string list, string id, string text) => Assert.Null(book.Apply(new PutEntry(list, id, text)).Problem);
}
