using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>Enough of a mail server (RFC 5321) to accept a mail from a client or refuse it.</summary>
sealed class SmtpServer : IAsyncDisposable
{
    readonly CancellationTokenSource _stopping = new();
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly Task _work;

    public SmtpServer()
    {
        _listener.Start();
        _work = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Maps a command's verb to its answer. Null gives the usual answer; an empty text gives none.</summary>
    public Func<string, string, string?> Answer { get; set; } = (_, _) => null;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
    }

    async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await ServeAsync(client.GetStream());
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client has gone, or the server is stopping.
            }
        }
    }

    async Task ServeAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await using var writer = new StreamWriter(stream, Encoding.ASCII) { AutoFlush = true, NewLine = "\r\n" };
        var isData = false;
        for (var line = "CONNECT"; line is not null; line = await reader.ReadLineAsync(_stopping.Token))
        {
            if (isData && line != ".")
                continue;
            var verb = isData ? "." : line.Split(' ', ':')[0].ToUpperInvariant();
            var answer = Answer(verb, line) ?? Usual(verb);
            if (answer.Length == 0)
                await Task.Delay(Timeout.Infinite, _stopping.Token);
            isData = verb == "DATA" && answer.StartsWith('3');
            await writer.WriteLineAsync(answer);
            if (verb == "QUIT" || answer.StartsWith("421", StringComparison.Ordinal))
                return;
        }
    }

    static string Usual(string verb) => verb switch
    {
        "CONNECT" => "220 mail.test ready",
        "EHLO" => "250-mail.test\r\n250 AUTH PLAIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 done",
    };
}
