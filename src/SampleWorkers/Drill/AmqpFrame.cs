using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SampleWorkers.Drill;

/// <summary>The parts of an AMQP 0-9-1 frame that tell the prefetch of a consumer.</summary>
/// <param name="Qos">The prefetch count of a basic.qos.</param>
/// <param name="ConsumedQueue">The queue of a basic.consume.</param>
readonly record struct AmqpFrame(ushort Channel, ushort? Qos, string? ConsumedQueue)
{
    const byte MethodFrame = 1;
    const uint BasicQos = 60 << 16 | 10;
    const uint BasicConsume = 60 << 16 | 20;

    /// <summary>type 1, channel 2, size 4, payload, end 1.</summary>
    const int HeaderLength = 7;

    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out AmqpFrame frame)
    {
        frame = default;
        if (buffer.Length < HeaderLength)
            return false;
        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        var size = BinaryPrimitives.ReadUInt32BigEndian(header[3..]);
        if (buffer.Length < HeaderLength + size + 1)
            return false;

        frame = new AmqpFrame(BinaryPrimitives.ReadUInt16BigEndian(header[1..]), null, null);
        if (header[0] is MethodFrame)
            frame = frame.WithMethod(buffer.Slice(HeaderLength, size).ToArray());
        buffer = buffer.Slice(HeaderLength + size + 1);
        return true;
    }

    AmqpFrame WithMethod(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadUInt32BigEndian(payload) switch
    {
        BasicQos => this with { Qos = BinaryPrimitives.ReadUInt16BigEndian(payload[8..]) }, // after prefetch-size 4
        BasicConsume => this with { ConsumedQueue = Encoding.UTF8.GetString(payload.Slice(7, payload[6])) }, // after reserved 2, a short string
        _ => this,
    };
}
