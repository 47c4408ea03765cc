using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.RabbitMq;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Returns;

/// <summary>A policy sets a delivery limit that a client cannot see and that is lower than the one the queue declares.</summary>
public class DeliveryLimitTests(BrokerFixture broker)
{
    const int Policy = 5;
    const int Reopens = 20;

    public enum Knowledge
    {
        None,
        AssumedLimit,
        ManagementApi,
    }

    public static TheoryData<int?, Knowledge, bool> Cases => new MatrixTheoryData<int?, Knowledge, bool>(
        [null, 20, -1], [Knowledge.None, Knowledge.AssumedLimit, Knowledge.ManagementApi], [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_outage_longer_than_a_limit_set_by_a_policy_loses_nothing(int? declared, Knowledge knowledge, bool keepsOrder)
    {
        await using var worker = await StartAsync(Policy, declared, knowledge, keepsOrder);
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 40);
        await worker.UntilReopenedAsync(Reopens);
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(40);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(20, 5, 5)]
    [InlineData(5, 20, 5)]
    [InlineData(-1, 5, 5)]
    [InlineData(null, 5, 5)]
    [InlineData(7, null, 7)]
    public async Task The_management_API_reports_the_smaller_of_argument_and_policy(int? declared, int? policy, int expected)
    {
        await using var worker = await StartAsync(policy, declared, Knowledge.ManagementApi, keepsOrder: false);
        await UntilToldAsync(worker, expected);
    }

    [Fact]
    public async Task The_management_API_reports_the_brokers_default_limit_if_nobody_sets_one()
    {
        await using var worker = await StartAsync(null, null, Knowledge.ManagementApi, keepsOrder: false);
        await UntilToldAsync(worker, (await broker.Node.GetVersionAsync()).Major >= 4 ? 20 : DeliveryLimit.None);
    }

    Task<long?> UntilToldAsync(TestWorker worker, long expected) => Eventually.Is(
        () => worker.Services.GetRequiredService<DeliveryLimits>().Find(BrokerAccess.Of(broker.Node.AmqpAddress.ToString()).Description, worker.Queue),
        limit => limit == expected,
        $"the limit to be reported as {expected}");

    async Task<TestWorker> StartAsync(int? policy, int? declared, Knowledge knowledge, bool keepsOrder)
    {
        var queue = $"limited-{Guid.NewGuid():N}";
        // Since 4.0 a queue can declare that it has no limit. Before 4.0, it has none if it declares none.
        if (declared < 0 && (await broker.Node.GetVersionAsync()).Major < 4)
            declared = null;
        if (policy is { } limit)
            await broker.Node.SetPolicyAsync(queue, $$"""{"delivery-limit":{{limit}}}""");
        return await TestWorker.StartAsync(
            broker.Node,
            breakDuration: TimeSpan.FromMilliseconds(50),
            queue: queue,
            configure: options => (options.RetestDelay, options.KeepOrder) = (TimeSpan.FromMilliseconds(10), keepsOrder),
            services: services =>
            {
                if (knowledge == Knowledge.ManagementApi)
                    services.AddMessagingBreaker(breakers => breakers.WatchQueues(options =>
                        (options.ManagementAddress, options.SamplingInterval) = (broker.Node.ManagementAddress.ToString(), TimeSpan.FromMilliseconds(100))));
            },
            options: options => options.AssumedDeliveryLimit = knowledge == Knowledge.AssumedLimit ? Policy : null,
            endpoints: (test, context, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.SetQuorumQueue();
                if (declared is { } argument)
                    endpoint.SetQueueArgument("x-delivery-limit", argument);
                endpoint.UseBreaker("first");
                endpoint.ConfigureConsumer<Worker>(context);
            }));
    }
}
