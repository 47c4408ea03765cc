using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

public sealed class ConnectionLossTests(PrivateBrokerFixture broker) : IClassFixture<PrivateBrokerFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_redrive_continues_after_lost_connections_and_loses_nothing(bool quorum)
    {
        await using var redriven = await Redriven.StartAsync(broker.Node, quorum);
        await using (var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors, declare: true, ("x-queue-type", quorum ? "quorum" : "classic")))
            await errors.PublishAsync(0, 600, redriven.Worker.Queue);
        await RabbitMqNode.SettleAsync();
        var running = redriven.RedriveAsync(new RedriveOrder { Reason = "test", Rate = 100 });
        for (var loss = 1; loss <= 2; loss++)
        {
            await Eventually.Is(() => redriven.Worker.Dependency.Handled, handled => handled > 100 * loss, "some messages to be handled");
            await broker.Node.CloseConnectionsAsync();
        }

        var run = await running;

        Assert.Equal(DeadLetterRunState.Completed, run.State);
        await redriven.Worker.UntilHandledAsync(600);
        await redriven.UntilDeadAsync(broker.Node, 0);
    }

    [Fact]
    public async Task A_redrive_continues_once_a_crashed_broker_is_back()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node, quorum: true);
        await using (var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors, declare: true, ("x-queue-type", "quorum")))
            await errors.PublishAsync(0, 600, redriven.Worker.Queue);
        await RabbitMqNode.SettleAsync();
        var running = redriven.RedriveAsync(new RedriveOrder { Reason = "test", Rate = 100 });
        await Eventually.Is(() => redriven.Worker.Dependency.Handled, handled => handled > 100, "some messages to be handled");
        await broker.Node.KillAsync();
        await Eventually.Is(() => redriven.DeadLetters.Runs[0].Detail, detail => detail.Contains("the broker is away", StringComparison.Ordinal), "the redrive to wait");
        await broker.Node.StartAsync();

        var run = await running;

        Assert.Equal(DeadLetterRunState.Completed, run.State);
        await redriven.Worker.UntilHandledAsync(600);
        await redriven.UntilDeadAsync(broker.Node, 0);
    }
}
