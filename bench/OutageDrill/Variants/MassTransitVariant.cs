using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OutageDrill.Dependency;
using OutageDrill.Workers;

namespace OutageDrill.Variants;

/// <summary>What the workers on MassTransit have in common. They receive plain JSON as MassTransit's documentation describes for interoperability.</summary>
abstract class MassTransitVariant : IVariant
{
    public abstract string Id { get; }

    public abstract string Title { get; }

    public virtual bool IsOurs => false;

    public virtual bool IsRanked => true;

    public virtual int Instances => 1;

    public IReadOnlyList<string> DeadLetterQueues(string queue) => [$"{queue}_error", $"{queue}_skipped"];

    public virtual IReadOnlyList<string> FleetQueues(string queue) => [];

    public void Configure(HostApplicationBuilder builder, VariantSettings settings)
    {
        ConfigureServices(builder.Services, settings);
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<ChargeConsumer>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(settings.Broker);
                ConfigureBus(context, rabbit);
                rabbit.ReceiveEndpoint(settings.Queue, endpoint =>
                {
                    endpoint.PrefetchCount = settings.Prefetch;
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
                    ConfigureEndpoint(endpoint);
                    endpoint.ConfigureConsumer<ChargeConsumer>(context);
                });
            });
        });
    }

    protected virtual void ConfigureServices(IServiceCollection services, VariantSettings settings)
    {
    }

    protected virtual void ConfigureBus(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
    }

    protected virtual void ConfigureEndpoint(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
    }

    sealed class ChargeConsumer(DependencyClient dependency) : IConsumer<Charge>
    {
        public Task Consume(ConsumeContext<Charge> context) => dependency.ChargeAsync(context.Message.Order);
    }
}
