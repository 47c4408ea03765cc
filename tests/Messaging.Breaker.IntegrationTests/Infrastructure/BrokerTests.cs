using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Shows that the other tests can trust this node and its figures.</summary>
public sealed class BrokerTests(PrivateBrokerFixture broker) : IClassFixture<PrivateBrokerFixture>, IAsyncDisposable
{
    IConnection? _connection;
    IChannel? _channel;

    RabbitMqNode Node => broker.Node;

    IChannel Channel => _channel ?? throw new InvalidOperationException("There is no channel yet.");

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Queues_and_messages_survive_a_crash_on_the_same_address()
    {
        string classic = await DeclareAsync("classic");
        string quorum = await DeclareAsync("quorum");
        await PublishAsync(classic, 3);
        await PublishAsync(quorum, 3);
        await RabbitMqNode.SettleAsync();
        Uri address = Node.AmqpAddress;

        await Node.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => Node.GetQueueAsync(classic));
        await Node.StartAsync();

        Assert.Equal(address, Node.AmqpAddress);
        await AssertFiguresAsync(classic, new QueueFigures(Ready: 3, Unacknowledged: 0, Consumers: 0));
        await AssertFiguresAsync(quorum, new QueueFigures(Ready: 3, Unacknowledged: 0, Consumers: 0));
    }

    [Fact]
    public async Task Queues_and_messages_survive_a_clean_stop()
    {
        string queue = await DeclareAsync("quorum");
        await PublishAsync(queue, 3);

        await Node.StopAsync();
        await Node.StartAsync();

        await AssertFiguresAsync(queue, new QueueFigures(Ready: 3, Unacknowledged: 0, Consumers: 0));
    }

    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task The_figures_count_ready_and_unacknowledged_messages_and_consumers_with_their_prefetch(string type)
    {
        string queue = await DeclareAsync(type);
        await PublishAsync(queue, 5);
        await AssertFiguresAsync(queue, new QueueFigures(Ready: 5, Unacknowledged: 0, Consumers: 0));

        await Channel.BasicQosAsync(0, prefetchCount: 2, global: false, CancellationToken);
        string tag = await Channel.BasicConsumeAsync(queue, autoAck: false, new AsyncEventingBasicConsumer(Channel), CancellationToken);
        await AssertFiguresAsync(queue, new QueueFigures(Ready: 3, Unacknowledged: 2, Consumers: 1));
        Assert.Equal([new ConsumerFigures(queue, tag, Prefetch: 2)], await Node.GetConsumersAsync(queue));

        await Channel.CloseAsync(CancellationToken);
        await AssertFiguresAsync(queue, new QueueFigures(Ready: 5, Unacknowledged: 0, Consumers: 0));
    }

    [Fact]
    public async Task A_queue_that_does_not_exist_has_no_figures() =>
        Assert.Null(await Node.GetQueueAsync("no-such-queue"));

    [Fact]
    public async Task Connections_can_be_closed_by_the_broker()
    {
        await DeclareAsync("classic");

        await Node.CloseConnectionsAsync();

        await Eventually.Is(() => !_connection!.IsOpen, "the broker to close the connection");
        Assert.Equal(ShutdownInitiator.Peer, _connection!.CloseReason!.Initiator);
    }

    static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    async Task AssertFiguresAsync(string queue, QueueFigures wanted) =>
        await Eventually.Is(() => Node.GetQueueAsync(queue), figures => figures == wanted, $"{queue} to have {wanted}");

    async Task<string> DeclareAsync(string type)
    {
        var factory = new ConnectionFactory { Uri = Node.AmqpAddress, AutomaticRecoveryEnabled = false };
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        _connection ??= await factory.CreateConnectionAsync(CancellationToken);
        _channel ??= await _connection.CreateChannelAsync(confirms, CancellationToken);

        string queue = $"{type}-{Guid.NewGuid():N}";
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = type };
        await _channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: CancellationToken);
        return queue;
    }

    async Task PublishAsync(string queue, int count)
    {
        var persistent = new BasicProperties { Persistent = true };
        for (int i = 0; i < count; i++)
            await Channel.BasicPublishAsync("", queue, mandatory: true, persistent, new byte[] { 1 }, CancellationToken);
    }
}
