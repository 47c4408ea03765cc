using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.DeadLetters;

/// <summary>Orders that make no sense are refused before anything is touched.</summary>
public class OrderTests
{
    [Theory]
    [InlineData(0, null, 0.5)]
    [InlineData(100_001, null, 0.5)]
    [InlineData(100, 0.0, 0.5)]
    [InlineData(100, double.NaN, 0.5)]
    [InlineData(100, null, -0.1)]
    [InlineData(100, null, 1.1)]
    [InlineData(100, null, double.NaN)]
    public async Task A_figure_out_of_range_is_named(int waiting, double? rate, double share)
    {
        await using var services = new ServiceCollection().AddMessagingBreaker().BuildServiceProvider();
        var letters = services.GetRequiredService<IDeadLetters>();
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => letters.RedriveAsync(
            "orders_error", new RedriveOrder { Reason = "test", MaxWaiting = waiting, Rate = rate, FailedShare = share }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(nameof(RedriveOrder), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_is_not_offered_is_refused_with_those_that_are()
    {
        await using var services = new ServiceCollection().AddMessagingBreaker().BuildServiceProvider();
        var letters = services.GetRequiredService<IDeadLetters>();
        var refusal = await Assert.ThrowsAsync<KeyNotFoundException>(() => letters.LookAsync("orders_error", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("Available queues: none", refusal.Message, StringComparison.Ordinal);
        Assert.False(letters.Cancel(Guid.NewGuid()));
    }
}
