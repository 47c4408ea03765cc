using MassTransit;
using MassTransit.Testing;
using Messaging.Breaker;
using Messaging.Breaker.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace OrderService.Tests;

public sealed record OrderPlaced(Guid OrderId);

public sealed class Payments
{
    int _charged;

    public bool IsDown { get; set; }

    public int Charged => Volatile.Read(ref _charged);

    public void Charge()
    {
        if (IsDown)
            throw new HttpRequestException("payments is down");
        Interlocked.Increment(ref _charged);
    }
}

[GuardedBy("payments")]
public sealed class ChargeOrderConsumer(Payments payments) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context)
    {
        payments.Charge();
        return Task.CompletedTask;
    }
}

public class ChargeOrderConsumerTests
{
    [Fact]
    public async Task Orders_wait_while_payments_is_down_and_are_charged_when_it_is_back()
    {
        await using var provider = new ServiceCollection()
            .AddSingleton<Payments>()
            .AddMessagingBreaker(breakers => breakers.Add("payments"))
            .AddBreakerTestHarness()
            .AddMassTransitTestHarness(bus =>
            {
                bus.AddConsumer<ChargeOrderConsumer>();
                bus.UsingInMemory((context, memory) =>
                {
                    memory.UseMessagingBreaker(context);
                    memory.ConfigureEndpoints(context);
                });
            })
            .BuildServiceProvider(true);

        var bus = provider.GetTestHarness();
        var breakers = provider.GetRequiredService<BreakerTestHarness>();
        var payments = provider.GetRequiredService<Payments>();
        await bus.Start();

        payments.IsDown = true;
        for (var i = 0; i < 20; i++)
            await bus.Bus.Publish(new OrderPlaced(Guid.NewGuid()));
        await breakers.UntilAsync("payments", BreakerState.Open);

        payments.IsDown = false;
        breakers.EndBreak("payments");
        await breakers.PassTimeUntilAsync(() => payments.Charged == 20, "every order to be charged");
        await breakers.UntilAsync("payments", BreakerState.Closed);
        Assert.Equal(TransitionCause.ProbesSucceeded, breakers.Transitions[^1].Cause);
        Assert.False(await bus.Published.Any<Fault<OrderPlaced>>());
    }
}
