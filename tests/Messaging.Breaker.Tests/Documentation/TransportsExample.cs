using MassTransit;
using Messaging.Breaker;

namespace OrderService;

static class TransportsExample
{
    public static void Hold(IBusRegistrationContext context, IBusFactoryConfigurator bus) =>
        bus.UseMessagingBreaker(context, options => options.AllowHolding = true);
}
