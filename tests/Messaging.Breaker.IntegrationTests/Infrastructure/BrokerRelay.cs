using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Stands between clients and a broker. It can make the broker seem slow to answer, always or one AMQP 0-9-1 method.</summary>
public sealed class BrokerRelay : IAsyncDisposable
{
    const int HeaderLength = 7;
    const byte MethodFrame = 1;

    static readonly int ProtocolHeaderLength = "AMQP0091".Length;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly Uri _broker;
    readonly Task _accepting;
    volatile TaskCompletionSource? _seen;
    volatile Task _answers = Task.CompletedTask;
    int _method;
    TimeSpan _delay;

    public BrokerRelay(Uri broker)
    {
        _broker = broker;
        _listener.Start();
        Address = new UriBuilder(broker) { Host = IPAddress.Loopback.ToString(), Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>The address to which clients connect instead.</summary>
    public Uri Address { get; }

    /// <summary>How long an answer takes.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Delays everything that the broker sends after the next call of a method.</summary>
    /// <param name="method">The method: its class in the upper 16 bits, its own number in the lower ones.</param>
    /// <param name="delay">The length of the delay.</param>
    /// <returns>Completes when a client has called the method.</returns>
    public Task DelayAnswerTo(int method, TimeSpan delay)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (_method, _delay, _seen) = (method, delay, seen);
        return seen.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(RelayAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    async Task RelayAsync(Socket client)
    {
        using var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await broker.ConnectAsync(_broker.Host, _broker.Port, _end.Token);
            await using var fromClient = new NetworkStream(client, ownsSocket: true);
            await using var fromBroker = new NetworkStream(broker);
            await Task.WhenAny(RelayCallsAsync(fromClient, fromBroker), RelayAnswersAsync(fromBroker, fromClient));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One end has gone, so close the other.
        }
    }

    async Task RelayCallsAsync(NetworkStream client, NetworkStream broker)
    {
        var buffer = new byte[ProtocolHeaderLength];
        await client.ReadExactlyAsync(buffer, _end.Token);
        await broker.WriteAsync(buffer, _end.Token);
        while (true)
        {
            var header = new byte[HeaderLength];
            await client.ReadExactlyAsync(header, _end.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(3)) + 1];
            await client.ReadExactlyAsync(payload, _end.Token);
            if (_seen is { } seen && header[0] == MethodFrame && BinaryPrimitives.ReadInt32BigEndian(payload) == _method)
            {
                _seen = null;
                _answers = Task.Delay(_delay, _end.Token);
                seen.SetResult();
            }

            await broker.WriteAsync(header, _end.Token);
            await broker.WriteAsync(payload, _end.Token);
        }
    }

    async Task RelayAnswersAsync(NetworkStream broker, NetworkStream client)
    {
        var buffer = new byte[64 * 1024];
        while (await broker.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            await _answers;
            await Task.Delay(Latency, _end.Token);
            await client.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }
}
