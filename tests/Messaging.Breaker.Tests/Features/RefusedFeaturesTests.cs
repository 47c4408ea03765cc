using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Features;

public class RefusedFeaturesTests
{
    [Fact]
    public async Task An_endpoint_with_a_routing_slip_activity_is_refused() => Assert.Contains(
        $"{nameof(Charge)} is a routing slip activity",
        await RefusalOf(
            bus => bus.AddExecuteActivity<Charge, ChargeArguments>(),
            (endpoint, context) =>
            {
                endpoint.UseBreaker("payments");
                endpoint.ConfigureExecuteActivity(context, typeof(Charge));
            }),
        StringComparison.Ordinal);

    [Fact]
    public async Task An_activity_with_the_attribute_is_refused() => Assert.Contains(
        $"{nameof(GuardedCharge)} is a routing slip activity",
        await RefusalOf(
            bus => bus.AddExecuteActivity<GuardedCharge, ChargeArguments>(),
            (endpoint, context) => endpoint.ConfigureExecuteActivity(context, typeof(GuardedCharge))),
        StringComparison.Ordinal);

    [Fact]
    public async Task An_endpoint_that_compensates_is_refused() => Assert.Contains(
        $"{nameof(Refund)} is a routing slip activity",
        await RefusalOf(
            bus => bus.AddActivity<Refund, ChargeArguments, ChargeLog>(),
            (endpoint, context) =>
            {
                endpoint.UseBreaker("payments");
                endpoint.ConfigureActivityCompensate(context, typeof(Refund));
            }),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(ChargeJob), true)]
    [InlineData(typeof(GuardedChargeJob), false)]
    public async Task A_job_consumer_is_refused(Type job, bool useBreaker) => Assert.Contains(
        $"{job.Name} is a job consumer",
        await RefusalOf(
            bus =>
            {
                bus.AddConsumer(job);
                bus.SetJobConsumerOptions();
                bus.AddJobSagaStateMachines();
                bus.SetInMemorySagaRepositoryProvider();
            },
            (endpoint, context) =>
            {
                if (useBreaker)
                    endpoint.UseBreaker("payments");
                endpoint.ConfigureConsumer(context, job);
            }),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_is_consumed_in_batches_and_singly_on_one_endpoint_is_refused(bool handler) => Assert.Contains(
        "in batches and in another consumer",
        await RefusalOf(
            _ => { },
            (endpoint, _) =>
            {
                endpoint.UseBreaker("payments");
                endpoint.Consumer(() => new BatchCharge());
                if (handler)
                    endpoint.Handler<ChargeArguments>(_ => Task.CompletedTask);
                else
                    endpoint.Consumer(() => new SingleCharge());
            }),
        StringComparison.Ordinal);

    [Fact]
    public async Task Unguarded_activities_live_beside_guarded_endpoints()
    {
        await using var services = Services(
            bus => bus.AddExecuteActivity<Charge, ChargeArguments>(), (endpoint, context) => endpoint.ConfigureExecuteActivity(context, typeof(Charge)));
        Assert.NotNull(services.GetRequiredService<IBusControl>());
    }

    static async Task<string> RefusalOf(
        Action<IBusRegistrationConfigurator> register, Action<IReceiveEndpointConfigurator, IBusRegistrationContext> configure)
    {
        await using var services = Services(register, configure);
        return Assert.ThrowsAny<Exception>(services.GetRequiredService<IBusControl>).ToString();
    }

    static ServiceProvider Services(
        Action<IBusRegistrationConfigurator> register, Action<IReceiveEndpointConfigurator, IBusRegistrationContext> configure) => new ServiceCollection()
        .AddMessagingBreaker(breakers => breakers.Add("payments"))
        .AddMassTransit(bus =>
        {
            register(bus);
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ReceiveEndpoint("charges", endpoint => configure(endpoint, context));
            });
        })
        .BuildServiceProvider();

    public sealed record ChargeArguments(int Number);

    public sealed record ChargeLog(int Number);

    public class Charge : IExecuteActivity<ChargeArguments>
    {
        public Task<ExecutionResult> Execute(ExecuteContext<ChargeArguments> context) => Task.FromResult(context.Completed());
    }

    [GuardedBy("payments")]
    public sealed class GuardedCharge : Charge;

    public sealed class Refund : IActivity<ChargeArguments, ChargeLog>
    {
        public Task<ExecutionResult> Execute(ExecuteContext<ChargeArguments> context) => Task.FromResult(context.Completed(new ChargeLog(1)));

        public Task<CompensationResult> Compensate(CompensateContext<ChargeLog> context) => Task.FromResult(context.Compensated());
    }

    public class ChargeJob : IJobConsumer<ChargeArguments>
    {
        public Task Run(JobContext<ChargeArguments> context) => Task.CompletedTask;
    }

    [GuardedBy("payments")]
    public sealed class GuardedChargeJob : ChargeJob;

    sealed class SingleCharge : IConsumer<ChargeArguments>
    {
        public Task Consume(ConsumeContext<ChargeArguments> context) => Task.CompletedTask;
    }

    sealed class BatchCharge : IConsumer<Batch<ChargeArguments>>
    {
        public Task Consume(ConsumeContext<Batch<ChargeArguments>> context) => Task.CompletedTask;
    }
}
