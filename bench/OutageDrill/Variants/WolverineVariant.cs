using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OutageDrill.Dependency;
using OutageDrill.Workers;
using Wolverine;
using Wolverine.RabbitMQ;

namespace OutageDrill.Variants;

/// <summary>
/// What the workers on Wolverine have in common. They receive plain JSON through DefaultIncomingMessage, as Wolverine's documentation describes for
/// interoperability (docs/guide/messaging/transports/rabbitmq/interoperability.md). Successes are not logged (docs/guide/logging.md): MassTransit
/// does not log them either, and the drill compares what an outage writes.
/// </summary>
abstract class WolverineVariant : IVariant
{
    public abstract string Id { get; }

    public abstract string Title { get; }

    public IReadOnlyList<string> DeadLetterQueues(string queue) => [DeadLetters(queue)];

    public void Configure(HostApplicationBuilder builder, VariantSettings settings) => builder.UseWolverine(options =>
    {
        options.ApplicationAssembly = typeof(ChargeHandler).Assembly;
        options.Discovery.DisableConventionalDiscovery().IncludeType<ChargeHandler>();
        options.Durability.Mode = DurabilityMode.Solo;
        options.Policies.MessageSuccessLogLevel(LogLevel.Debug);
        ConfigureErrors(options);
        options.UseRabbitMq(settings.Broker).AutoProvision().CustomizeDeadLetterQueueing(new DeadLetterQueue(DeadLetters(settings.Queue)));
        var listener = options.ListenToRabbitQueue(settings.Queue)
            .DefaultIncomingMessage<Charge>()
            .PreFetchCount((ushort)settings.Prefetch);
        ConfigureListener(listener, settings);
    });

    protected abstract void ConfigureListener(RabbitMqListenerConfiguration listener, VariantSettings settings);

    protected virtual void ConfigureErrors(WolverineOptions options)
    {
    }

    static string DeadLetters(string queue) => $"{queue}-dead-letters";
}

public sealed class ChargeHandler
{
    public static Task Handle(Charge charge, DependencyClient dependency) => dependency.ChargeAsync(charge.Order);
}
