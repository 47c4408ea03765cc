using System.Runtime.InteropServices;

namespace Messaging.Breaker.Engine;

/// <summary>A counter that only grows, spread over cache lines so that cores counting at the same time do not wait for each other.</summary>
sealed class StripedCounter
{
    static readonly int Mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 8)) - 1;

    readonly Cell[] _cells = new Cell[Mask + 1];

    /// <summary>Returns the stripe's own count, which is at most the sum.</summary>
    public long Increment() => Interlocked.Increment(ref _cells[Thread.GetCurrentProcessorId() & Mask].Value);

    public long Sum()
    {
        var sum = 0L;
        foreach (ref var cell in _cells.AsSpan())
            sum += Volatile.Read(ref cell.Value);
        return sum;
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    struct Cell
    {
        [FieldOffset(64)]
        public long Value;
    }
}
