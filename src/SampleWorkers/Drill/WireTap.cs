using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

/// <summary>
/// A proxy between the worker and the broker that reads the prefetch of each consumer that is requested. The management API is no help here: it shows
/// a consumer half a second to five seconds late, and a round of probes is over in thirty milliseconds.
/// </summary>
sealed class WireTap : IAsyncDisposable
{
    readonly BrokerAddress _broker;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly ConcurrentBag<Task> _connections = [];
    readonly Task _accepting;

    public WireTap(BrokerAddress broker)
    {
        _broker = broker;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>A consumer was requested: its queue and its prefetch.</summary>
    public event Action<string, int>? ConsumerStarted;

    /// <summary>The address to which the worker connects.</summary>
    public BrokerAddress Address => _broker.At("127.0.0.1", (ushort)((IPEndPoint)_listener.LocalEndpoint).Port);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _end.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task ServeAsync(Socket accepted)
    {
        using var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        accepted.NoDelay = true;
        await using var client = new NetworkStream(accepted, ownsSocket: true);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        try
        {
            await upstream.ConnectAsync(_broker.Host, _broker.Port, ended.Token);
            await using var broker = new NetworkStream(upstream);
            Task[] directions = [ForwardAsync(client, broker, ended.Token), broker.CopyToAsync(client, ended.Token)];
            await Task.WhenAny(directions);
            await ended.CancelAsync();
            await Task.WhenAll(directions);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One side has closed the connection. Disposing both closes the other.
        }
    }

    /// <summary>Passes on whole frames, as many at once as have arrived.</summary>
    async Task ForwardAsync(Stream client, Stream broker, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(client);
        var prefetch = new Dictionary<ushort, ushort>();
        await broker.WriteAsync(await ReadProtocolHeaderAsync(reader, cancellationToken), cancellationToken);
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (AmqpFrame.TryRead(ref rest, out var frame))
                Inspect(frame, prefetch);

            foreach (var segment in read.Buffer.Slice(0, rest.Start))
                await broker.WriteAsync(segment, cancellationToken);
            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
                return;
        }
    }

    static async Task<byte[]> ReadProtocolHeaderAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        const int Length = 8; // "AMQP" and the version
        var read = await reader.ReadAtLeastAsync(Length, cancellationToken);
        var header = read.Buffer.Slice(0, Math.Min(Length, read.Buffer.Length));
        var bytes = header.ToArray();
        reader.AdvanceTo(header.End);
        return bytes;
    }

    void Inspect(AmqpFrame frame, Dictionary<ushort, ushort> prefetch)
    {
        if (frame.Qos is { } count)
            prefetch[frame.Channel] = count;
        else if (frame.ConsumedQueue is { } queue)
            ConsumerStarted?.Invoke(queue, prefetch.GetValueOrDefault(frame.Channel));
    }
}
