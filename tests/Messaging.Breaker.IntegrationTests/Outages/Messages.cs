using MassTransit;

namespace Messaging.Breaker.IntegrationTests.Outages;

public sealed record Work(int Number);

public sealed record OtherWork(int Number);

/// <summary>Uses the first dependency.</summary>
public sealed class Worker(Dependencies dependencies) : IConsumer<Work>
{
    public Task Consume(ConsumeContext<Work> context) => dependencies.First.CallAsync(context.Message.Number, context.CancellationToken);
}

/// <summary>Uses the second dependency.</summary>
public sealed class OtherWorker(Dependencies dependencies) : IConsumer<OtherWork>
{
    public Task Consume(ConsumeContext<OtherWork> context) => dependencies.Second.CallAsync(context.Message.Number);
}

/// <summary>Guarded by attribute; uses the first dependency.</summary>
[GuardedBy("first")]
public sealed class AttributedWorker(Dependencies dependencies) : IConsumer<Work>
{
    public Task Consume(ConsumeContext<Work> context) => dependencies.First.CallAsync(context.Message.Number);
}

/// <summary>Its calls, not its exceptions, count for the first dependency.</summary>
public sealed class CallingWorker(Dependencies dependencies, IBreakerRegistry breakers) : IConsumer<Work>
{
    public async Task Consume(ConsumeContext<Work> context) => await breakers["first"].ExecuteAsync(
        async cancellationToken => await dependencies.First.CallAsync(context.Message.Number, cancellationToken), context.CancellationToken);
}

/// <summary>Guarded by its definition.</summary>
public sealed class DefinedWorker : IConsumer<OtherWork>
{
    public Task Consume(ConsumeContext<OtherWork> context) => Task.CompletedTask;
}

public sealed class DefinedWorkerDefinition : ConsumerDefinition<DefinedWorker>
{
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<DefinedWorker> consumerConfigurator, IRegistrationContext context) =>
        endpointConfigurator.UseBreaker("first");
}

public sealed class Dependencies
{
    public Dependency First { get; } = new();

    public Dependency Second { get; } = new();
}
