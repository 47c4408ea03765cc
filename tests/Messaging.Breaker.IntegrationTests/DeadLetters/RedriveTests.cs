using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

public class RedriveTests(BrokerFixture broker)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redriven_messages_are_handled_once_and_unchanged_after_a_fix(bool quorum)
    {
        await using var redriven = await Redriven.StartAsync(broker.Node, quorum);
        redriven.Fault = number => number % 2 == 0 ? new PoisonException($"Order {number} is bad") : null;
        await redriven.SendAsync(0, 200);
        await redriven.UntilDeadAsync(broker.Node, 100);
        redriven.Fault = _ => null;

        var run = await redriven.RedriveAsync();

        Assert.Equal((DeadLetterRunState.Completed, "", 100, 0), (run.State, run.Detail, run.Moved, run.FailedAgain));
        await redriven.Worker.UntilHandledAsync(200);
        Assert.Equal(0, redriven.Worker.Dependency.Duplicates);
        await redriven.UntilDeadAsync(broker.Node, 0);
        var message = redriven.Received.Last();
        Assert.Equal(1, message.ReceiveContext.TransportHeaders.Get<int>("x-breaker-redriven", 0));
        Assert.DoesNotContain(message.ReceiveContext.TransportHeaders, header => header.Key.StartsWith("MT-Fault", StringComparison.Ordinal));
        Assert.Equal([run], redriven.DeadLetters.Runs);
    }

    /// <summary>The redrive listens to MassTransit's exchange for faults, which only the first failure declares.</summary>
    [Fact]
    public async Task Failures_on_another_instance_are_counted_even_if_nothing_failed_before_the_redrive()
    {
        await using var one = await Redriven.StartAsync(broker.Node);
        await using var other = await Redriven.StartAsync(broker.Node, queue: one.Worker.Queue);
        one.Fault = other.Fault = number => new PoisonException($"Order {number} is bad");
        await using var errors = await RawQueue.OpenAsync(broker.Node, one.Errors);
        await errors.PublishAsync(0, 60, one.Worker.Queue);

        var run = await one.RedriveAsync(new RedriveOrder { Reason = "test", FailedShare = 1, Rate = 10 });

        Assert.Equal((DeadLetterRunState.Completed, 60), (run.State, run.Moved));
        Assert.InRange(other.Received.Count, 10, 59);
        // Until it listens, it sees only its own failures.
        Assert.InRange(run.FailedAgain, 40, 60);
        await one.UntilDeadAsync(broker.Node, 60);
    }

    [Fact]
    public async Task Only_the_chosen_group_goes_back_and_the_others_keep_their_order()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 90, redriven.Worker.Queue, change: (number, headers) => headers["MT-Fault-Message"] = number % 3 == 0 ? "cured" : "not cured");
        var group = (await redriven.LookAsync()).Groups.Single(group => group.Text == "cured");

        var run = await redriven.RedriveAsync(new RedriveOrder { Reason = "test", Group = group.Key });

        Assert.Equal((DeadLetterRunState.Completed, 30), (run.State, run.Moved));
        await redriven.Worker.UntilHandledAsync(30);
        Assert.Equal(Enumerable.Range(0, 90).Where(number => number % 3 != 0), await errors.TakeNumbersAsync());
    }

    [Fact]
    public async Task A_redrive_waits_while_a_breaker_is_open_and_continues_when_it_closes()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 100, redriven.Worker.Queue);
        redriven.Worker.Breaker.Isolate("test");

        var running = redriven.RedriveAsync();
        var paused = await Eventually.Is(() => redriven.DeadLetters.Runs, runs => runs is [{ State: DeadLetterRunState.Paused }], "the redrive to wait");
        Assert.Contains("breaker 'first' is Isolated", paused[0].Detail, StringComparison.Ordinal);
        Assert.Equal(100u, await errors.CountAsync());
        redriven.Worker.Breaker.Reset("test");

        var run = await running;
        Assert.Equal((DeadLetterRunState.Completed, 100, 1), (run.State, run.Moved, run.Pauses));
        await redriven.Worker.UntilHandledAsync(100);
    }

    [Fact]
    public async Task A_redrive_pauses_when_the_dependency_goes_down()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 2_000, redriven.Worker.Queue);

        var running = redriven.RedriveAsync();
        await Eventually.Is(() => redriven.Worker.Dependency.Handled, handled => handled > 200, "some messages to be handled");
        redriven.Worker.Dependency.IsDown = true;
        await redriven.Worker.UntilReopenedAsync(2);
        Assert.InRange(redriven.Worker.Dependency.CallsWhileDown, 1, 40);
        redriven.Worker.Dependency.IsDown = false;

        var run = await running;
        Assert.Equal((DeadLetterRunState.Completed, 2_000, 0), (run.State, run.Moved, run.FailedAgain));
        await redriven.Worker.UntilHandledAsync(2_000);
        Assert.Equal(0, redriven.Worker.Dependency.Duplicates);
    }

    [Fact]
    public async Task A_redrive_whose_messages_all_fail_again_stops_and_says_why()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        redriven.Fault = number => new PoisonException($"Order {number} is still bad");
        await redriven.SendAsync(0, 200);
        await redriven.UntilDeadAsync(broker.Node, 200);

        var run = await redriven.RedriveAsync();

        Assert.Equal(DeadLetterRunState.Stopped, run.State);
        Assert.InRange(run.Moved, 10, 40);
        Assert.Contains("PoisonException: Order # is still bad", run.Detail, StringComparison.Ordinal);
        await redriven.UntilDeadAsync(broker.Node, 200);
    }

    [Fact]
    public async Task A_redrive_whose_messages_all_fail_again_and_open_the_breaker_stops_and_says_why()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 200, redriven.Worker.Queue);
        redriven.Fault = number => new InvalidOperationException($"Order {number} is still bad");

        var run = await redriven.RedriveAsync();

        Assert.Equal(DeadLetterRunState.Stopped, run.State);
        Assert.InRange(run.Moved, 10, 40);
        Assert.Contains(nameof(InvalidOperationException), run.Detail, StringComparison.Ordinal);
        redriven.Fault = _ => null;
        await redriven.Worker.UntilHandledAsync((int)run.Moved);
        Assert.Equal(200 - run.Moved, await errors.CountAsync());
    }

    [Fact]
    public async Task A_cancelled_redrive_leaves_the_remaining_messages_in_place()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 500, redriven.Worker.Queue);

        var running = redriven.RedriveAsync(new RedriveOrder { Reason = "test", Rate = 50 });
        await Eventually.Is(() => redriven.Worker.Dependency.Handled, handled => handled > 20, "some messages to be handled");
        Assert.True(redriven.DeadLetters.Cancel(redriven.DeadLetters.Runs[0].Id));
        var run = await running;

        Assert.Equal(DeadLetterRunState.Cancelled, run.State);
        await redriven.Worker.UntilHandledAsync((int)run.Moved);
        await Eventually.Is(errors.CountAsync, count => count == 500 - run.Moved, "the remaining messages to be back");
        Assert.Equal(Enumerable.Range((int)run.Moved, 500 - (int)run.Moved), await errors.TakeNumbersAsync());
        Assert.Equal(0, redriven.Worker.Dependency.Duplicates);
    }

    [Fact]
    public async Task Two_instances_do_not_move_the_same_messages()
    {
        await using var one = await Redriven.StartAsync(broker.Node);
        await using var other = await Redriven.StartAsync(broker.Node, queue: one.Worker.Queue);
        await using var errors = await RawQueue.OpenAsync(broker.Node, one.Errors);
        await errors.PublishAsync(0, 1_000, one.Worker.Queue);

        var runs = await Task.WhenAll(TryRedriveAsync(one), TryRedriveAsync(other));

        Assert.Equal(1_000, runs.Sum(run => run?.Moved ?? 0));
        await Eventually.Is(() => one.Worker.Dependency.Handled + other.Worker.Dependency.Handled, handled => handled == 1_000, "all messages to be handled");
        Assert.Equal(0, one.Worker.Dependency.Duplicates + other.Worker.Dependency.Duplicates);
    }

    /// <returns>Null if this redrive was refused because the other one took too long.</returns>
    static async Task<DeadLetterRun?> TryRedriveAsync(Redriven redriven)
    {
        try
        {
            return await redriven.RedriveAsync();
        }
        catch (DeadLetterException exception) when (exception.Message.Contains("in use by another instance", StringComparison.Ordinal))
        {
            return null;
        }
    }

    [Fact]
    public async Task Failures_on_another_instance_are_counted()
    {
        await using var one = await Redriven.StartAsync(broker.Node);
        await using var other = await Redriven.StartAsync(broker.Node, queue: one.Worker.Queue);
        one.Fault = other.Fault = number => new PoisonException($"Order {number} is bad");
        await one.SendAsync(0, 100);
        await one.UntilDeadAsync(broker.Node, 100);
        one.Fault = _ => null;

        var run = await one.RedriveAsync(new RedriveOrder { Reason = "test", FailedShare = 1 });

        Assert.Equal(100, run.Moved);
        Assert.InRange(run.FailedAgain, 10, 90);
        Assert.Equal(100, one.Worker.Dependency.Handled + run.FailedAgain);
    }

    [Fact]
    public async Task Skipped_messages_are_redriven_and_not_counted_as_handled_if_skipped_again()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        var name = $"{redriven.Worker.Queue}_skipped";
        await using var skipped = await RawQueue.OpenAsync(broker.Node, name);
        await skipped.PublishAsync(0, 12, null, """{"messageType":["urn:message:Shop:Unknown"],"message":{}}"""u8.ToArray(), (_, headers) =>
        {
            headers.Clear();
            headers["MT-Reason"] = "dead-letter";
        });

        var run = await redriven.DeadLetters.RedriveAsync(name, new RedriveOrder { Reason = "test" }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((DeadLetterRunState.Stopped, 12), (run.State, run.Moved));
        Assert.InRange(run.FailedAgain, 7, 12);
        Assert.Contains("no consumer", run.Detail, StringComparison.Ordinal);
        await Eventually.Is(skipped.CountAsync, count => count == 12, "all messages to be back");
    }
}
