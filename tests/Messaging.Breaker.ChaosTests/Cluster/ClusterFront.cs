using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Messaging.Breaker.ChaosTests.Cluster;

/// <summary>
/// One address for a whole cluster, like that of a load balancer. Each connection goes to the first node that accepts it, and the
/// preferred node is asked first. The front knows which node that was; a client does not.
/// </summary>
sealed class ClusterFront : IAsyncDisposable
{
    static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(1);

    readonly Uri[] _nodes;
    readonly int _preferred;
    readonly TcpListener _listener = Listen();
    readonly CancellationTokenSource _end = new();
    readonly ConcurrentDictionary<Link, Task> _links = new();
    readonly Task _accepting;
    volatile int _avoided = -1;
    volatile int _latest;

    /// <param name="nodes">They differ only in host and port.</param>
    public ClusterFront(Uri[] nodes, int preferred)
    {
        (_nodes, _preferred, _latest) = (nodes, preferred, preferred);
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Address = new UriBuilder(nodes[0]) { Host = "127.0.0.1", Port = port }.Uri;
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>The number of the node that the latest connection went to.</summary>
    public int Node => _latest;

    /// <summary>Cuts all connections to that node and sends no new ones there. Null allows all nodes again.</summary>
    public void Avoid(int? node)
    {
        _avoided = node ?? -1;
        foreach (var link in _links.Keys.Where(link => link.Node == node))
            link.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        foreach (var (link, serving) in _links)
        {
            link.Cut();
            await serving;
        }

        _end.Dispose();
    }

    // Below the range that the kernel uses for outgoing connections.
    static TcpListener Listen()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(12_000, 15_000));
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException)
            {
                listener.Dispose();
            }
        }
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                Serve(await _listener.AcceptSocketAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
        }
    }

    void Serve(Socket client)
    {
        var link = new Link(client);
        var serving = new TaskCompletionSource();
        _links[link] = serving.Task;
        _ = Task.Run(async () =>
        {
            await ServeAsync(link);
            _links.TryRemove(link, out _);
            serving.SetResult();
        });
    }

    async Task ServeAsync(Link link)
    {
        try
        {
            using var client = link;
            using var broker = await ConnectAsync(link);
            if (broker is null)
                return;
            await using var clientStream = new NetworkStream(link.Client);
            await using var brokerStream = new NetworkStream(broker);
            Task[] directions = [clientStream.CopyToAsync(brokerStream, _end.Token), brokerStream.CopyToAsync(clientStream, _end.Token)];
            await Task.WhenAny(directions);
            link.Cut();
            broker.Close();
            await Task.WhenAll(directions);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has closed the connection. Disposing both closes the other side too.
        }
    }

    async Task<Socket?> ConnectAsync(Link link)
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            var node = (_preferred + i) % _nodes.Length;
            if (node == _avoided)
                continue;
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                limit.CancelAfter(LongestConnect);
                await socket.ConnectAsync(_nodes[node].Host, _nodes[node].Port, limit.Token);
                link.Node = _latest = node;
                return socket;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    sealed class Link(Socket client) : IDisposable
    {
        public Socket Client => client;

        public int Node { get; set; } = -1;

        public void Cut() => client.Close();

        public void Dispose() => client.Dispose();
    }
}
