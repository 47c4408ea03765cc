using MassTransit;
using MassTransit.Testing;
using Messaging.Breaker;
using Messaging.Breaker.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BreakerWorker.Tests;

/// <summary>An outage in milliseconds: the breakers' clock is a fake one, and no broker is needed.</summary>
public sealed class OutageTests
{
    const int Orders = 20;

    [Fact]
    public async Task Orders_wait_while_payments_is_down_and_are_charged_when_it_is_back()
    {
        var payments = new PaymentsStub();
        var services = new ServiceCollection();
        services.AddMessagingBreaker(breakers => breakers.Add("payments")).AddBreakerTestHarness();
        services.AddHttpClient<PaymentsClient>(client => client.BaseAddress = new Uri("http://payments/"))
            .AddBreaker("payments")
            .ConfigurePrimaryHttpMessageHandler(() => payments);
        services.AddMassTransitTestHarness(bus =>
        {
            bus.AddConsumer<ChargeOrderConsumer>();
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ConfigureEndpoints(context);
            });
        });
        await using var provider = services.BuildServiceProvider(true);
        var bus = provider.GetTestHarness();
        var breakers = provider.GetRequiredService<BreakerTestHarness>();
        await bus.Start();

        payments.IsDown = true;
        for (var order = 0; order < Orders; order++)
            await bus.Bus.Publish(new OrderPlaced(Guid.NewGuid(), 12.50m), TestContext.Current.CancellationToken);
        await breakers.UntilAsync("payments", BreakerState.Open, TestContext.Current.CancellationToken);

        payments.IsDown = false;
        breakers.EndBreak("payments");
        await breakers.PassTimeUntilAsync(() => payments.Charged == Orders, "every order to be charged", TestContext.Current.CancellationToken);
        await breakers.UntilAsync("payments", BreakerState.Closed, TestContext.Current.CancellationToken);
        Assert.False(await bus.Published.Any<Fault<OrderPlaced>>(TestContext.Current.CancellationToken));
    }
}
