using Messaging.Breaker.RabbitMq.Partitions;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Partitions;

public class DeliveryOrderTests
{
    readonly FakeTimeProvider _clock = new();
    readonly DeliveryOrder _order;

    public DeliveryOrderTests() => _order = new DeliveryOrder(_clock);

    [Fact]
    public void A_delivery_is_next_when_all_earlier_ones_have_been_passed_on()
    {
        Assert.True(_order.IsNext(1));
        Assert.False(_order.IsNext(2));
        _order.Pass(3);
        _order.Pass(1);
        Assert.True(_order.IsNext(2));
        Assert.False(_order.IsNext(3));

        _order.Pass(2);
        Assert.True(_order.IsNext(3));
        Assert.True(_order.IsNext(4));
        Assert.False(_order.IsNext(5));
    }

    [Fact]
    public void A_delivery_that_never_arrives_is_waited_for_only_for_a_second()
    {
        _order.Pass(1);
        _order.Pass(3);
        _order.Pass(6);
        Assert.False(_order.IsNext(3));

        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(_order.IsNext(3));
        Assert.False(_order.IsNext(6));

        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(_order.IsNext(6));
        Assert.True(_order.IsNext(7));
    }

    [Fact]
    public async Task The_wait_for_earlier_deliveries_ends_with_the_last_of_them()
    {
        var waiting = _order.WaitForEarlierAsync(3, TestContext.Current.CancellationToken);
        _order.Pass(3);
        _order.Pass(1);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(waiting.IsCompleted);

        _order.Pass(2);
        await Eventually.Is(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(10));
                return waiting.IsCompletedSuccessfully;
            },
            hasEnded => hasEnded,
            "the wait to end");
    }
}
