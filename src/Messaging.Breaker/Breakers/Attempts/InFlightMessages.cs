using MassTransit;
using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>The in-flight messages of one endpoint, in several parts so that cores do not wait for each other.</summary>
sealed class InFlightMessages
{
    readonly Part[] _parts = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 8)).Select(_ => new Part())];

    /// <summary>All messages in flight now.</summary>
    public IEnumerable<InFlightMessage> All => _parts.SelectMany(part => part.All);

    /// <summary>How many there are; not exact while messages come and go.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var part in _parts)
                count += part.Count;
            return count;
        }
    }

    /// <summary>Whether the consumer of another message runs, whose outcome will show more.</summary>
    public bool AreOthersRunning(InFlightMessage message) => All.Any(other => other != message && other.IsRunning);

    /// <inheritdoc cref="AreOthersRunning(InFlightMessage)"/>
    /// <param name="message">The message.</param>
    /// <param name="key">Only the others of this key count.</param>
    public bool AreOthersRunning(InFlightMessage message, BreakerKey key) =>
        All.Any(other => other != message && other is { IsRunning: true } && other.BreakerKey == key);

    /// <summary>The message has its place until the result is disposed.</summary>
    public Place Enter(InFlightMessage message)
    {
        var part = _parts[Thread.GetCurrentProcessorId() % _parts.Length];
        return new Place(part, part.Enter(message));
    }

    /// <summary>
    /// The message that a context belongs to. It is nearly always the running code's, but a filter such as the partitioner continues on its own
    /// thread.
    /// </summary>
    public InFlightMessage? Find(ConsumeContext context)
    {
        // An outbox has its own receive context, but the same body.
        var body = context.ReceiveContext.Body;
        return InFlightMessage.Current is { } current && current.Delivery?.Body == body ? current : Find(body);
    }

    InFlightMessage? Find(MessageBody body) => All.FirstOrDefault(message => message.Delivery!.Body == body);

    public readonly struct Place(Part part, int index) : IDisposable
    {
        public void Dispose() => part.Leave(index);
    }

    public sealed class Part
    {
        readonly Lock _lock = new();
        readonly Stack<int> _free = new();
        readonly List<InFlightMessage?> _places = [];

        public int Count => Math.Max(0, _places.Count - _free.Count);

        public IReadOnlyList<InFlightMessage> All
        {
            get
            {
                lock (_lock)
                    return [.. _places.OfType<InFlightMessage>()];
            }
        }

        public int Enter(InFlightMessage message)
        {
            lock (_lock)
            {
                if (_free.TryPop(out var free))
                {
                    _places[free] = message;
                    return free;
                }

                _places.Add(message);
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
