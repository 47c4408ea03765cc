using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.Features;

public sealed record WorkResult(int Number);

public class RequestTests(BrokerFixture broker)
{
    [Fact]
    public async Task An_endpoint_whose_requests_fail_fast_is_not_paused_and_answers_while_the_breaker_is_open()
    {
        await using var worker = await StartAsync();
        worker.Breaker.Isolate("test");
        for (var number = 0; number < 20; number++)
        {
            var exception = await Assert.ThrowsAsync<RequestFaultException>(() => AskAsync(worker, number));
            Assert.Equal("first", exception.Fault!.Exceptions[0].Data!["Breaker"]);
        }

        await Eventually.Is(
            () => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Consumers: 1, Ready: 0, Unacknowledged: 0 }, "the queue to be empty and to have its consumer");
        Assert.Equal(0, worker.Dependency.Handled);
        await worker.AssertNothingDeadLetteredAsync();

        worker.Breaker.Reset("test");
        Assert.Equal(1, (await AskAsync(worker, 1)).Message.Number);
    }

    [Fact]
    public async Task An_ordinary_message_is_not_lost_at_an_endpoint_with_fail_fast_requests()
    {
        await using var worker = await StartAsync();
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 100);
        await worker.UntilReopenedAsync();
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(100);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task Messages_that_are_held_do_not_keep_requests_from_being_answered_while_others_are_returned()
    {
        await using var worker = await StartAsync();
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, 1);
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 1 }, "the handler to hang");
        worker.Breaker.Isolate("test");
        await worker.SendAsync(1, 5);
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 6 }, "the messages to be held");
        stall.SetException(new IOException("The dependency is down."));
        await Eventually.Is(
            () => Assert.Single(worker.Endpoints.Endpoints).State, state => state == EndpointState.Running, "the endpoint to run", TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<RequestFaultException>(
            () => AskAsync(worker, 10).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    Task<TestWorker> StartAsync() => TestWorker.StartAsync(
        broker.Node,
        configure: options => options.FailFastRequests = true,
        endpoints: (worker, _, rabbit) => rabbit.ReceiveEndpoint(worker.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseBreaker("first");
            endpoint.Handler<Work>(async message =>
            {
                await worker.Dependency.CallAsync(message.Message.Number, message.CancellationToken);
                if (message.RequestId is not null)
                    await message.RespondAsync(new WorkResult(message.Message.Number));
            });
        }));

    static Task<Response<WorkResult>> AskAsync(TestWorker worker, int number) => worker.Bus
        .CreateRequestClient<Work>(new Uri($"exchange:{worker.Queue}")).GetResponse<WorkResult>(new Work(number), TestContext.Current.CancellationToken);
}
