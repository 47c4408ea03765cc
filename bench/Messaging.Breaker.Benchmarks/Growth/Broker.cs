using System.Diagnostics;
using Messaging.Breaker.Benchmarks.Results;
using RabbitMQ.Client;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>The broker of the run, ours or a given one, and what is done to its queues behind MassTransit's back.</summary>
sealed class Broker : IAsyncDisposable
{
    static readonly string Script = Repository.PathOf("tests", "broker.sh");

    readonly string? _directory;
    readonly IConnection _connection;
    readonly IChannel _channel;

    Broker(Uri address, string? directory, IConnection connection, IChannel channel) =>
        (Address, _directory, _connection, _channel) = (address, directory, connection, channel);

    public Uri Address { get; }

    public string Version => _connection.ServerProperties!["version"] is byte[] version ? System.Text.Encoding.UTF8.GetString(version) : "unknown";

    public static async Task<Broker> ConnectAsync(string? given)
    {
        var directory = given is null ? Directory.CreateTempSubdirectory("messaging-breaker-").FullName : null;
        var address = new Uri(given ?? (await RunAsync("start", directory!, $"{Environment.ProcessId}")).Split('\n')[0]);
        var connection = await new ConnectionFactory { Uri = address, ContinuationTimeout = TimeSpan.FromMinutes(2) }.CreateConnectionAsync();
        return new Broker(address, directory, connection, await connection.CreateChannelAsync());
    }

    /// <summary>Messages as MassTransit would send them, but faster than it can.</summary>
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

    /// <summary>Declared as MassTransit declares the queue of an endpoint.</summary>
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
        if (_directory is not null)
            await RunAsync("remove", _directory);
    }

    static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Script, .. arguments]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException("There is no broker, for the reason above: give one by --broker.");
    }
}
