using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OutageDrill.Dependency;

/// <summary>The client in the worker. A failed call throws, as with any client.</summary>
public sealed class DependencyClient : IDisposable
{
    readonly ConcurrentDictionary<int, TaskCompletionSource<bool>> _calls = new();
    readonly Wire _wire;
    int _last;

    DependencyClient(Socket socket)
    {
        _wire = new Wire(socket);
        Stopped = ListenAsync();
    }

    /// <summary>Completes when the drill is over or its process has gone.</summary>
    public Task Stopped { get; }

    public static async Task<DependencyClient> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new DependencyClient(socket);
    }

    public void ReportReady() => _wire.Send(Wire.Ready);

    /// <exception cref="IOException">The dependency is down.</exception>
    public async Task ChargeAsync(int order)
    {
        var call = Interlocked.Increment(ref _last);
        var answer = _calls[call] = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wire.Send(new Frame(call, order));
        if (!await answer.Task)
            throw new IOException("The dependency is down.");
    }

    public void Dispose() => _wire.Dispose();

    async Task ListenAsync()
    {
        await foreach (var frame in _wire.ReceiveAsync())
        {
            if (frame == Wire.Stop)
                return;
            if (_calls.TryRemove(frame.Call, out var answer))
                answer.SetResult(frame.Value == 1);
        }
    }
}
