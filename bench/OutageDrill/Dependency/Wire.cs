using System.Buffers.Binary;
using System.Net.Sockets;

namespace OutageDrill.Dependency;

/// <summary>
/// The protocol between worker and dependency: two numbers a frame. A dependency in a process of its own sees the calls that were really made. It
/// costs the worker less than HTTP would, so the drill measures the messaging.
/// </summary>
sealed class Wire(Socket socket) : IDisposable
{
    const int FrameLength = 8;

    readonly Lock _sending = new();

    public static Frame Ready { get; } = new(0, 1);

    public static Frame Stop { get; } = new(0, 2);

    public void Send(Frame frame)
    {
        Span<byte> bytes = stackalloc byte[FrameLength];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.Call);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], frame.Value);
        lock (_sending)
            socket.Send(bytes);
    }

    /// <summary>Receives frames until the other side has gone.</summary>
    public async IAsyncEnumerable<Frame> ReceiveAsync()
    {
        var stream = new BufferedStream(new NetworkStream(socket, ownsSocket: false));
        var bytes = new byte[FrameLength];
        while (await ReadAsync(stream, bytes))
        {
            yield return new Frame(
                BinaryPrimitives.ReadInt32LittleEndian(bytes),
                BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
        }
    }

    public void Dispose() => socket.Dispose();

    static async Task<bool> ReadAsync(Stream stream, Memory<byte> bytes)
    {
        try
        {
            await stream.ReadExactlyAsync(bytes);
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return false;
        }
    }
}

/// <param name="Call">The number of the call; 0 if the frame belongs to none.</param>
/// <param name="Value">In a call, the number of the order; in its answer, 1 for success and 0 for failure.</param>
readonly record struct Frame(int Call, int Value);
