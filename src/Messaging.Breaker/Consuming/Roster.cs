using MassTransit;
using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>The messages of one endpoint that are under way, in several parts so that cores do not wait for each other.</summary>
sealed class Roster
{
    readonly Part[] _parts = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 8)).Select(_ => new Part())];

    /// <summary>All that are under way now.</summary>
    public IEnumerable<MessageHandling> All => _parts.SelectMany(part => part.All);

    /// <summary>The message has its place until that is disposed of.</summary>
    public Place Enter(MessageHandling handling)
    {
        var part = _parts[Thread.GetCurrentProcessorId() % _parts.Length];
        return new Place(part, part.Enter(handling));
    }

    /// <summary>
    /// The one to which a context belongs: nearly always that of the running code, but a filter such as the partitioner sends messages on
    /// from a thread of its own.
    /// </summary>
    public MessageHandling? Find(ConsumeContext context)
    {
        // An outbox has a receive context of its own, but not another body.
        var body = context.ReceiveContext.Body;
        return MessageHandling.Current is { } current && current.Delivery?.Body == body ? current : Find(body);
    }

    MessageHandling? Find(MessageBody body) => All.FirstOrDefault(handling => handling.Delivery!.Body == body);

    public readonly struct Place(Part part, int index) : IDisposable
    {
        public void Dispose() => part.Leave(index);
    }

    public sealed class Part
    {
        readonly Lock _lock = new();
        readonly Stack<int> _free = new();
        readonly List<MessageHandling?> _places = [];

        public IReadOnlyList<MessageHandling> All
        {
            get
            {
                lock (_lock)
                    return [.. _places.OfType<MessageHandling>()];
            }
        }

        public int Enter(MessageHandling handling)
        {
            lock (_lock)
            {
                if (_free.TryPop(out var free))
                {
                    _places[free] = handling;
                    return free;
                }

                _places.Add(handling);
                return _places.Count - 1;
            }
        }

        public void Leave(int index)
        {
            lock (_lock)
            {
                _places[index] = null;
                _free.Push(index);
            }
        }
    }
}
