using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.IntegrationTests.Channels;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.IntegrationTests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.Returns;

/// <summary>A quorum queue drops a message once it has been returned as often as the delivery limit allows.</summary>
public class RenewalTests(BrokerFixture broker)
{
    const int Reopens = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task An_outage_longer_than_the_delivery_limit_loses_nothing(int limit)
    {
        await using var worker = await StartAsync(limit, channel => channel);
        await OutlastAsync(worker);
        Assert.Equal(0, worker.Dependency.Duplicates);
    }

    [Fact]
    public async Task Returns_cost_a_delivery_only_where_they_count()
    {
        var counts = new ConcurrentQueue<long>();
        await using var worker = await StartAsync(
            100,
            channel => channel,
            message => counts.Enqueue(Properties(message).Headers?.TryGetValue("x-delivery-count", out var count) == true ? Convert.ToInt64(count) : 0),
            keepsOrder: true);
        await OutlastAsync(worker);
        if (await broker.Node.GetVersionAsync() >= new Version(4, 3))
            // When the channel closes, it returns the messages that the client has received but not handed over. Now and then, that
            // counts as a delivery.
            Assert.InRange(counts.Max(), 0, Reopens / 2);
        else
            Assert.InRange(counts.Max(), 1, int.MaxValue);
    }

    [Fact]
    public async Task Only_where_returns_count_is_a_message_renewed_for_its_limit()
    {
        await using var worker = await StartAsync(5, channel => channel);
        using var measured = new Measured(worker.Services.GetRequiredService<IMeterFactory>());
        await OutlastAsync(worker);
        var renewals = measured.Sum("messaging.breaker.renewals", ("messaging.breaker.renewal.reason", "delivery_limit"));
        if (await broker.Node.GetVersionAsync() >= new Version(4, 3))
            // A few messages whose return by a closing channel counted as a delivery.
            Assert.InRange(renewals, 0, Reopens / 2);
        else
            Assert.InRange(renewals, Reopens, int.MaxValue);
    }

    [Fact]
    public async Task A_renewed_message_is_the_message_that_was_sent()
    {
        var received = new ConcurrentQueue<ConsumeContext<Work>>();
        await using var worker = await StartAsync(2, channel => channel, received.Enqueue);
        worker.Dependency.IsDown = true;
        var (id, correlation, conversation) = (NewId.NextGuid(), NewId.NextGuid(), NewId.NextGuid());
        var endpoint = await worker.Bus.GetSendEndpoint(new Uri($"exchange:{worker.Queue}"));
        await endpoint.Send(
            new Work(1),
            context =>
            {
                (context.MessageId, context.CorrelationId, context.ConversationId) = (id, correlation, conversation);
                context.TimeToLive = TimeSpan.FromHours(1);
                context.Headers.Set("tenant", "north");
                context.SetPriority(3);
            },
            TestContext.Current.CancellationToken);
        await worker.UntilReopenedAsync(Reopens);
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(1);

        var (first, last) = (received.First(), received.Last());
        Assert.Equal((id, correlation, conversation), (last.MessageId, last.CorrelationId, last.ConversationId));
        Assert.Equal(first.ExpirationTime, last.ExpirationTime);
        Assert.Equal("north", last.Headers.Get<string>("tenant"));
        Assert.Equal(first.ReceiveContext.GetBody(), last.ReceiveContext.GetBody());
        var (sent, renewed) = (Properties(first), Properties(last));
        Assert.Equal((byte)3, renewed.Priority);
        Assert.Equal(
            (sent.MessageId, sent.CorrelationId, sent.Expiration, sent.ContentType, sent.DeliveryMode, sent.Timestamp),
            (renewed.MessageId, renewed.CorrelationId, renewed.Expiration, renewed.ContentType, renewed.DeliveryMode, renewed.Timestamp));
        Assert.Equal(Keys(sent), Keys(renewed));
    }

    [Fact]
    public async Task A_crash_after_publishing_and_before_the_confirm_loses_nothing()
    {
        var crashes = 0;
        await using var worker = await StartAsync(5, channel => WithConnection(channel, connection => Intercepted.Over(connection, (method, call) =>
            method.Name == nameof(IConnection.CreateChannelAsync) ? CrashAfterPublishAsync((Task<IChannel>)call()!, () => ++crashes % 2 == 1) : call())));
        await OutlastAsync(worker);
        Assert.InRange(crashes, 2, int.MaxValue);
    }

    [Fact]
    public async Task A_crash_after_the_confirm_and_before_the_acknowledgement_loses_nothing()
    {
        var crashes = 0;
        var isDown = true;
        await using var worker = await StartAsync(5, channel => Intercepted.Over(channel, (method, call) =>
            method.Name == nameof(ChannelContext.BasicAck) && Volatile.Read(ref isDown) && Interlocked.Increment(ref crashes) % 2 == 1
                ? new ValueTask(Task.FromException(new IOException("crashed")))
                : call()));
        await OutlastAsync(worker, () => Volatile.Write(ref isDown, false));
        Assert.InRange(crashes, 2, int.MaxValue);
    }

    static async Task OutlastAsync(TestWorker worker, Action? recovering = null)
    {
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 40);
        await worker.UntilReopenedAsync(Reopens);
        recovering?.Invoke();
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(40);
        await worker.AssertNothingDeadLetteredAsync();
    }

    static IReadOnlyBasicProperties Properties(ConsumeContext context) => context.GetPayload<RabbitMqBasicConsumeContext>().Properties;

    static IEnumerable<string> Keys(IReadOnlyBasicProperties properties) =>
        properties.Headers!.Keys.Where(header => header is not ("x-delivery-count" or "x-acquired-count")).Order();

    static ChannelContext WithConnection(ChannelContext channel, Func<IConnection, IConnection> replace) => Intercepted.Over(
        channel,
        (method, call) => method.Name == $"get_{nameof(ChannelContext.ConnectionContext)}"
            ? Intercepted.Over((ConnectionContext)call()!, (connection, read) =>
                connection.Name == $"get_{nameof(ConnectionContext.Connection)}" ? replace((IConnection)read()!) : read())
            : call());

    static async Task<IChannel> CrashAfterPublishAsync(Task<IChannel> opening, Func<bool> crashes)
    {
        var channel = await opening;
        return Intercepted.Over(channel, (method, call) =>
            method.Name == nameof(IChannel.BasicPublishAsync) ? new ValueTask(CrashAsync(((ValueTask)call()!).AsTask())) : call());

        async Task CrashAsync(Task publishing)
        {
            await publishing;
            if (crashes())
                throw new IOException("crashed");
        }
    }

    Task<TestWorker> StartAsync(int limit, Func<ChannelContext, ChannelContext> decorate, Action<ConsumeContext<Work>>? received = null, bool keepsOrder = false) =>
        TestWorker.StartAsync(broker.Node, breakDuration: TimeSpan.FromMilliseconds(100), configure: options => (options.RetestDelay, options.KeepOrder) = (TimeSpan.FromMilliseconds(10), keepsOrder), endpoints: (test, _, rabbit) =>
            rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.SetQuorumQueue();
                endpoint.SetQueueArgument("x-delivery-limit", limit);
                endpoint.UseBreaker("first");
                endpoint.ConfigureChannel(channel => channel.UseFilter(new Decoration(decorate)));
                endpoint.Handler<Work>(message =>
                {
                    received?.Invoke(message);
                    return test.Dependency.CallAsync(message.Message.Number, message.CancellationToken);
                });
            }));
}
