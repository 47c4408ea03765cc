using System.Globalization;
using System.Text;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

/// <summary>A queue that a test fills and empties by hand.</summary>
sealed class RawQueue : IAsyncDisposable
{
    readonly IConnection _connection;
    readonly IChannel _channel;

    RawQueue(string name, IConnection connection, IChannel channel) => (Name, _connection, _channel) = (name, connection, channel);

    public string Name { get; }

    public IChannel Channel => _channel;

    public static async Task<RawQueue> OpenAsync(RabbitMqNode node, string name, bool declare = true, params (string Name, object Value)[] arguments)
    {
        var connection = await new ConnectionFactory { Uri = node.AmqpAddress }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        if (declare)
            await channel.QueueDeclareAsync(
                name, durable: true, exclusive: false, autoDelete: false, arguments.ToDictionary(argument => argument.Name, argument => (object?)argument.Value));
        return new RawQueue(name, connection, channel);
    }

    /// <summary>Publishes messages as MassTransit leaves them in <c>_error</c>. Their ids are numbers.</summary>
    public async Task PublishAsync(int from, int count, string? inputQueue, byte[]? body = null, Action<int, Dictionary<string, object?>>? change = null)
    {
        foreach (var chunk in Enumerable.Range(from, count).Chunk(500))
            await Task.WhenAll(chunk.Select(number => PublishOneAsync(number, inputQueue, body, change)));
    }

    /// <summary>Takes out all messages in order.</summary>
    public async Task<IReadOnlyList<BasicGetResult>> TakeAllAsync()
    {
        var taken = new List<BasicGetResult>();
        while (await _channel.BasicGetAsync(Name, autoAck: true) is { } message)
            taken.Add(message);
        return taken;
    }

    /// <summary>Takes out all messages and returns their numbers in order.</summary>
    public async Task<IReadOnlyList<int>> TakeNumbersAsync() =>
        [.. (await TakeAllAsync()).Select(message => int.Parse(message.BasicProperties.MessageId!, CultureInfo.InvariantCulture))];

    public async Task<uint> CountAsync() => (await _channel.QueueDeclarePassiveAsync(Name)).MessageCount;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    async Task PublishOneAsync(int number, string? inputQueue, byte[]? body, Action<int, Dictionary<string, object?>>? change)
    {
        var headers = new Dictionary<string, object?>
        {
            ["tenant"] = "north",
            ["MT-Reason"] = "fault",
            ["MT-Fault-ExceptionType"] = "Shop.PoisonException",
            ["MT-Fault-Message"] = $"Order {number} of 'somebody' cannot be read",
            ["MT-Fault-Timestamp"] = DateTimeOffset.UnixEpoch.AddSeconds(number).ToString("O", CultureInfo.InvariantCulture),
            ["MT-Fault-StackTrace"] = "at Shop.Orders.Consume()",
            ["MT-Host-MachineName"] = "worker-1",
        };
        if (inputQueue is not null)
            headers["MT-Fault-InputAddress"] = $"rabbitmq://broker/{inputQueue}";
        change?.Invoke(number, headers);
        var properties = new BasicProperties { MessageId = number.ToString(CultureInfo.InvariantCulture), Persistent = true, ContentType = "application/vnd.masstransit+json", Headers = headers };
        await _channel.BasicPublishAsync("", Name, mandatory: true, properties, body ?? Envelope(number));
    }

    static byte[] Envelope(int number) => Encoding.UTF8.GetBytes(
        $$$"""{"messageId":"{{{Guid.NewGuid()}}}","messageType":["urn:message:Messaging.Breaker.IntegrationTests.Outages:Work"],"message":{"number":{{{number}}}}}""");
}
