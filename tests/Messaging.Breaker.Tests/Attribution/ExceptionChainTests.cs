using Messaging.Breaker.Classifying;

namespace Messaging.Breaker.Tests.Attribution;

public class ExceptionChainTests
{
    [Fact]
    public void Outer_exceptions_come_first_and_each_comes_once()
    {
        var shared = new IOException();
        var chain = ExceptionChain.Of(new InvalidOperationException("", new AggregateException(shared, new ArgumentException("", shared))));
        Assert.Equal(
            [typeof(InvalidOperationException), typeof(AggregateException), typeof(IOException), typeof(ArgumentException)],
            chain.Select(exception => exception.GetType()));
    }

    [Fact]
    public void Ten_thousand_nested_exceptions_are_looked_at_up_to_a_bound()
    {
        Exception nested = new IOException();
        for (var depth = 0; depth < 10_000; depth++)
            nested = new InvalidOperationException("", nested);
        Assert.InRange(ExceptionChain.Of(nested).Count, 100, 1_000);
    }

    /// <summary>Each level holds the one below it twice, so a million paths lead to the innermost exception.</summary>
    [Fact]
    public void An_aggregate_shared_on_twenty_levels_yields_one_exception_per_level()
    {
        Exception shared = new IOException();
        for (var depth = 0; depth < 20; depth++)
            shared = new AggregateException(shared, shared);
        Assert.Equal(21, ExceptionChain.Of(shared).Count);
    }
}
