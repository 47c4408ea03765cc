using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Messaging.Breaker.Dashboard.Tests.Secrets;

/// <summary>A socket on loopback that answers every client with the same error.</summary>
sealed class FailingServer : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly byte[]? _words;

    FailingServer(string? words)
    {
        _words = words is null ? null : Encoding.Latin1.GetBytes(words);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AnswerAsync();
    }

    public int Port { get; }

    public static FailingServer Silent() => new(null);

    public static FailingServer Saying(string words) => new(words);

    public static FailingServer Refusing()
    {
        var server = new FailingServer(null);
        server.Dispose();
        return server;
    }

    public void Dispose() => _listener.Dispose();

    async Task AnswerAsync()
    {
        var clients = new List<TcpClient>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                clients.Add(client);
                if (_words is not null)
                    _ = TalkAsync(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    async Task TalkAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var heard = new byte[4096];
                while (await client.GetStream().ReadAsync(heard) > 0)
                    await client.GetStream().WriteAsync(_words);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client has gone, or the server was stopped.
        }
    }
}
