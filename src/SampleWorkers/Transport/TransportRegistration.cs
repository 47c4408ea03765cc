using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace SampleWorkers.Transport;

static class TransportRegistration
{
    /// <summary>RabbitMQ at the address, or the in-memory transport without one.</summary>
    public static void UseTransport(
        this IBusRegistrationConfigurator bus,
        BrokerAddress? broker,
        Action<IBusRegistrationContext, IBusFactoryConfigurator>? beforeEndpoints = null)
    {
        bus.DisableUsageTelemetry(); // The sample communicates only with its own services.

        // The queues exist before the first order is published: an order that is routed to no queue would be lost.
        bus.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            options.WaitUntilStarted = true;
            options.StartTimeout = TimeSpan.FromSeconds(15);
            options.StopTimeout = TimeSpan.FromSeconds(10);
        });

        if (broker is null)
            bus.UsingInMemory((context, memory) =>
            {
                beforeEndpoints?.Invoke(context, memory);
                memory.ConfigureEndpoints(context);
            });
        else
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker.Host, broker.Port, broker.VirtualHost, host =>
                {
                    host.Username(broker.User);
                    host.Password(broker.Password);
                    if (broker.IsTls)
                        host.UseSsl();
                });
                beforeEndpoints?.Invoke(context, rabbit);
                rabbit.ConfigureEndpoints(context);
            });
    }
}
