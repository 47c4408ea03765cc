using System.Text;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.RabbitMq.DeadLetters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

/// <summary>Unexpected messages in dead-letter queues, and refusals by the broker. Each is explained, and nothing is lost.</summary>
public class BadInputTests(BrokerFixture broker)
{
    [Fact]
    public async Task Dead_letters_without_fault_headers_go_to_the_queue_that_their_queue_is_named_after()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 30, null, change: (_, headers) => headers.Clear());
        var group = Assert.Single((await redriven.LookAsync()).Groups);
        Assert.Equal((null, "", 30L), (group.Exception, group.Text, group.Count));
        Assert.Equal("urn:message:Messaging.Breaker.IntegrationTests.Outages:Work", group.MessageType);

        Assert.Equal((DeadLetterRunState.Completed, 30), Figures(await redriven.RedriveAsync()));
        await redriven.Worker.UntilHandledAsync(30);
    }

    /// <summary>MassTransit skips messages that it cannot read, or dead-letters them again.</summary>
    [Theory]
    [InlineData("no JSON")]
    [InlineData("{\"messageType\":[17")]
    [InlineData("")]
    public async Task A_foreign_body_is_shown_and_comes_back_as_it_was(string body)
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        byte[] foreign = [.. Encoding.UTF8.GetBytes(body), 0xff, 0xfe];
        await errors.PublishAsync(0, 12, redriven.Worker.Queue, foreign);
        var report = await redriven.LookAsync(new LookOptions { WithBodies = true });
        Assert.Equal((12L, null), (report.Groups.Single().Count, report.Groups.Single().Sample.Body));

        var run = await redriven.RedriveAsync();

        Assert.Equal((DeadLetterRunState.Stopped, 12), Figures(run));
        await Eventually.Is(errors.CountAsync, count => count == 12, "all messages to be back");
        var back = await errors.TakeAllAsync();
        Assert.All(back, message => Assert.Equal(foreign, message.Body.ToArray()));
        Assert.All(back, message => Assert.Equal("north", Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers!["tenant"]!)));
    }

    [Fact]
    public async Task A_body_of_ten_megabytes_is_looked_at_and_moved()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        var body = Encoding.UTF8.GetBytes(
            "{\"messageType\":[\"urn:message:Messaging.Breaker.IntegrationTests.Outages:Work\"],\"message\":{\"number\":7,\"filler\":\"" + new string('x', 10_000_000) + "\"}}");
        for (var number = 0; number < 3; number++)
            await errors.PublishAsync(number, 1, redriven.Worker.Queue, body);
        var report = await redriven.LookAsync(new LookOptions { WithBodies = true });
        Assert.Equal((3L, body.Length), (report.Messages, report.Groups.Single().Sample.BodyLength));
        Assert.InRange(report.Groups.Single().Sample.Body!.Length, 1_000, 64 * 1024);

        Assert.Equal((DeadLetterRunState.Completed, 3), Figures(await redriven.RedriveAsync()));
        await redriven.Worker.UntilHandledAsync(1);
        Assert.Equal(2, redriven.Worker.Dependency.Duplicates);
    }

    [Fact]
    public async Task Another_consumer_of_the_queue_is_named_and_loses_nothing()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 100, redriven.Worker.Queue);
        await errors.Channel.BasicQosAsync(0, 10, global: false, TestContext.Current.CancellationToken);
        var other = await errors.Channel.BasicConsumeAsync(errors.Name, autoAck: false, new AsyncEventingBasicConsumer(errors.Channel), TestContext.Current.CancellationToken);
        await Eventually.Is(errors.CountAsync, count => count == 90, "the other consumer to hold its messages");

        var report = await redriven.LookAsync();
        Assert.Equal((90, 1), (report.Messages, report.OtherConsumers));
        Assert.Equal((DeadLetterRunState.Completed, 90), Figures(await redriven.RedriveAsync()));
        await errors.Channel.BasicCancelAsync(other, cancellationToken: TestContext.Current.CancellationToken);
        await errors.Channel.BasicNackAsync(0, multiple: true, requeue: true, TestContext.Current.CancellationToken);
        await redriven.Worker.UntilHandledAsync(90);
        await errors.Channel.CloseAsync(TestContext.Current.CancellationToken);
        await redriven.UntilDeadAsync(broker.Node, 10);
    }

    [Fact]
    public async Task A_redrive_waits_while_the_target_queue_refuses_messages()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await using var target = await RawQueue.OpenAsync(
            broker.Node, $"{redriven.Worker.Queue}-full", declare: true, ("x-max-length", 5), ("x-overflow", "reject-publish"));
        await errors.PublishAsync(0, 15, target.Name);
        var running = redriven.RedriveAsync(new RedriveOrder { Reason = "test", FailedShare = 1 });
        var waiting = await Eventually.Is(
            () => redriven.DeadLetters.Runs, runs => runs is [{ State: DeadLetterRunState.Paused }], "the redrive to wait");
        Assert.Contains($"queue '{target.Name}' refuses", waiting[0].Detail, StringComparison.Ordinal);

        var taken = new List<int>();
        await Eventually.Is(
            async () =>
            {
                taken.AddRange(await target.TakeNumbersAsync());
                return taken.Count;
            },
            count => count >= 15,
            "all messages to be taken");
        Assert.Equal((DeadLetterRunState.Completed, 15), Figures(await running));
        Assert.Equal(Enumerable.Range(0, 15), taken.Order());
    }

    [Fact]
    public async Task A_missing_target_queue_is_reported_and_not_created_again()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        var gone = $"{redriven.Worker.Queue}-gone";
        await errors.PublishAsync(0, 20, redriven.Worker.Queue, change: (number, headers) => headers["MT-Fault-InputAddress"] = number < 8 ? $"rabbitmq://broker/{gone}" : $"rabbitmq://broker/{redriven.Worker.Queue}");

        var run = await redriven.RedriveAsync();

        Assert.Equal((DeadLetterRunState.Completed, 12), Figures(run));
        Assert.StartsWith($"8 messages stay: their queue '{gone}' no longer exists", Assert.Single(run.Problems), StringComparison.Ordinal);
        Assert.Null(await broker.Node.GetQueueAsync(gone));
        await redriven.Worker.UntilHandledAsync(12);
        Assert.Equal(Enumerable.Range(0, 8), await errors.TakeNumbersAsync());
    }

    [Theory]
    [InlineData("rabbitmq://broker/elsewhere/orders", "the virtual host 'elsewhere'")]
    [InlineData("not an address", "cannot be read")]
    [InlineData("rabbitmq://user:secret@broker/a/b/c", "cannot be read")]
    public async Task An_address_of_another_broker_is_reported(string address, string words)
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 3, null, change: (_, headers) => headers["MT-Fault-InputAddress"] = address);
        var run = await redriven.RedriveAsync();
        Assert.Equal((DeadLetterRunState.Completed, 0), Figures(run));
        var problem = Assert.Single(run.Problems);
        Assert.Contains(words, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
        await Eventually.Is(errors.CountAsync, count => count == 3, "all messages to be back");
    }

    [Theory]
    [InlineData(".*", ".*", "^$", "look")]
    [InlineData(".*", "^$", ".*", "redrive")]
    public async Task A_missing_permission_is_reported_and_nothing_is_lost(string configure, string write, string read, string what)
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 12, redriven.Worker.Queue);
        var user = $"limited-{Guid.NewGuid():N}";
        await broker.Node.AddUserAsync(user, "not-to-be-seen", configure, write, read);
        ConnectAs(redriven, $"{user}:not-to-be-seen");

        var words = what == "look"
            ? (await Assert.ThrowsAsync<DeadLetterException>(() => redriven.LookAsync())).Message
            : (await redriven.RedriveAsync()).Detail;

        Assert.Contains("does not permit it", words, StringComparison.Ordinal);
        Assert.Contains(redriven.Errors, words, StringComparison.Ordinal);
        Assert.DoesNotContain("not-to-be-seen", words, StringComparison.Ordinal);
        await Eventually.Is(errors.CountAsync, count => count == 12, "all messages to be back");
    }

    [Fact]
    public async Task A_wrong_password_is_reported_without_showing_it()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        ConnectAs(redriven, "nobody:not-to-be-seen");
        var words = (await Assert.ThrowsAsync<DeadLetterException>(() => redriven.LookAsync())).ToString();
        Assert.Contains("refuses the user", words, StringComparison.Ordinal);
        Assert.DoesNotContain("not-to-be-seen", words, StringComparison.Ordinal);
    }

    static (DeadLetterRunState, long) Figures(DeadLetterRun run) => (run.State, run.Moved);

    void ConnectAs(Redriven redriven, string credentials)
    {
        var address = broker.Node.AmqpAddress;
        var access = BrokerAccess.Of($"amqp://{credentials}@{address.Host}:{address.Port}/");
        var limits = new DeliveryLimits(Options.Create(new QueueDepthOptions()));
        redriven.Worker.Services.GetRequiredService<KnownQueues>().Add(
            redriven.Worker.Queue, redriven.Errors, $"{redriven.Worker.Queue}_skipped", new RabbitMqDeadLetters(access, limits, new BusBreakerOptions(), TimeProvider.System));
    }
}
