using Messaging.Breaker.Bench;
using RabbitMQ.Client;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>The broker of the run, ours or a given one, and what is done to its queues without MassTransit.</summary>
sealed class Broker : IAsyncDisposable
{
    readonly BenchBroker _broker;
    readonly IConnection _connection;
    readonly IChannel _channel;

    Broker(BenchBroker broker, IConnection connection, IChannel channel) => (_broker, _connection, _channel) = (broker, connection, channel);

    public Uri Address => _broker.Address;

    public string Version => _connection.ServerProperties!["version"] is byte[] version ? System.Text.Encoding.UTF8.GetString(version) : "unknown";

    public static async Task<Broker> ConnectAsync(string? given)
    {
        var broker = await BenchBroker.GetAsync(given is null ? null : new Uri(given));
        var connection = await new ConnectionFactory { Uri = broker.Address, ContinuationTimeout = TimeSpan.FromMinutes(2) }.CreateConnectionAsync();
        return new Broker(broker, connection, await connection.CreateChannelAsync());
    }

    /// <summary>Publishes messages as MassTransit would send them, but faster than it can.</summary>
    public async Task FillAsync(string queue, int count)
    {
        var body = """{"messageType":["urn:message:Messaging.Breaker.Benchmarks.Growth:Job"],"message":{"number":1}}"""u8.ToArray();
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json" };
        for (var number = 0; number < count; number++)
            await _channel.BasicPublishAsync("", queue, false, properties, body);
        while ((await ReadAsync(queue)).MessageCount < count)
            await Task.Delay(20);
    }

    public Task<QueueDeclareOk> ReadAsync(string queue) => _channel.QueueDeclarePassiveAsync(queue);

    /// <summary>Declares a queue as MassTransit declares that of an endpoint.</summary>
    public Task DeclareAsync(string queue) => _channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);

    public async Task DeleteAsync(string queue)
    {
        await _channel.QueueDeleteAsync(queue);
        await _channel.ExchangeDeleteAsync(queue);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _broker.DisposeAsync();
    }
}
