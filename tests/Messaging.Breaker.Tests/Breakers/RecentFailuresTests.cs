using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Tests.Breakers;

public class RecentFailuresTests
{
    [Theory]
    [InlineData("The disk is full.", "IOException: The disk is full")]
    [InlineData("  The disk is full.\r\nAnd so is the other.", "IOException: The disk is full")]
    [InlineData("The\u001b[31m disk", "IOException: The[31m disk")]
    [InlineData(" \n ", "IOException")]
    public void A_failure_is_described_by_its_type_and_the_first_line_of_its_message(string message, string expected) =>
        Assert.Equal(expected, RecentFailures.Describe(new IOException(message)));

    [Fact]
    public void A_long_message_is_cut() => Assert.Equal($"IOException: {new string('x', 200)}", RecentFailures.Describe(new IOException(new string('x', 10_000))));

    [Fact]
    public void An_exception_whose_message_throws_is_described_by_its_type() => Assert.Equal(nameof(Speechless), RecentFailures.Describe(new Speechless()));

    /// <summary>The aggregate's own message would be as long as four million of the inner one.</summary>
    [Fact]
    public void An_aggregate_is_described_by_the_first_exception_in_it()
    {
        Exception inner = new IOException("The disk is full.");
        for (var depth = 0; depth < 22; depth++)
            inner = new AggregateException(inner, inner);
        Assert.Equal("IOException: The disk is full", RecentFailures.Describe(inner));
    }

    [Fact]
    public void The_most_frequent_of_the_latest_failures_is_named()
    {
        var failures = new RecentFailures();
        Assert.Null(failures.MostFrequent);
        foreach (var text in (string?[])["a", "b", null, "b"])
            failures.Add(text);
        Assert.Equal("b", failures.MostFrequent);
        for (var i = 0; i < 20; i++)
            failures.Add("c");
        Assert.Equal("c", failures.MostFrequent);
        failures.Clear();
        Assert.Null(failures.MostFrequent);
    }

    sealed class Speechless : Exception
    {
        public override string Message => throw new InvalidOperationException();
    }
}
