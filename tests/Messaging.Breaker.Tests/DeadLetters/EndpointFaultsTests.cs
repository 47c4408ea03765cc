using Messaging.Breaker.DeadLetters;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.DeadLetters;

public class EndpointFaultsTests
{
    readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_most_frequent_kind_of_the_last_minutes_is_the_largest()
    {
        var faults = new EndpointFaults(_time);
        Assert.Null(faults.Largest);
        Add(faults, "old", 50);
        _time.Advance(TimeSpan.FromMinutes(21));
        Add(faults, "one", 2);
        _time.Advance(TimeSpan.FromMinutes(11));
        Add(faults, "two", 3);
        Add(faults, "one", 2);
        Assert.Equal(("one", 4L, 57L), (faults.Largest!.Text, faults.Largest.Count, faults.Total));
    }

    [Fact]
    public void A_message_that_is_handled_ends_a_row()
    {
        var faults = new EndpointFaults(_time);
        Add(faults, "before", 3);
        faults.Handle();
        Add(faults, "in a row", 2);
        var counts = new FaultCounts();
        faults.AddInARowTo(counts);
        Assert.Equal((2L, "in a row"), (counts.Total, Assert.Single(counts.Largest).Text));
    }

    [Fact]
    public void Kinds_beyond_fifty_are_counted_and_not_kept()
    {
        var counts = new FaultCounts();
        for (var kind = 0; kind < 200; kind++)
            counts.Add(Fault($"kind {new string('x', kind)}"), kind == 7 ? 5 : 1);
        var both = new FaultCounts();
        both.Add(counts);
        Assert.Equal((204L, 10, 5L), (both.Total, both.Largest.Count, both.Largest[0].Count));
    }

    static void Add(EndpointFaults faults, string text, int times)
    {
        for (var number = 0; number < times; number++)
            faults.Add(Fault(text));
    }

    static FaultDetails Fault(string text) => FaultDetails.Of(new InvalidOperationException(text));
}
