using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Messaging.Breaker.ChaosTests.Cluster;

/// <summary>
/// One address for a whole cluster, as a load balancer gives it: each connection goes to the first node that accepts it, the preferred one
/// first. It tells which node that was, which a client does not know.
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

    /// <param name="nodes">What differs between them is the host and the port.</param>
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

    /// <summary>From now on no connection goes to that node, and those that did are cut; null to let them again.</summary>
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

    // Below the range from which the kernel takes the ports of outgoing connections.
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
            // Either side has closed the connection; disposing both passes it on.
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
