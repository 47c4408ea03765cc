using System.Globalization;
using Messaging.Breaker.Breakers.Keys;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Takes the deliveries of a key's queue on one channel, and hands them to the endpoint's own consumer, in order and as many at once as the key
/// admits. Returned messages wait here, in their place and unacknowledged: a failed probe uses up no delivery. Thread-safe.
/// </summary>
/// <param name="consumption">The endpoint's running consumer.</param>
/// <param name="time">The clock.</param>
/// <param name="parked">What is known of the queue's messages.</param>
/// <param name="tried">
/// The messages that were tried after the first had failed. It outlives the channel, because every round on the breaker of the whole has its own.
/// </param>
/// <param name="changed">Called when more may be handed on.</param>
sealed class KeyDeliveries(KeyConsumption consumption, TimeProvider time, ParkedMessages parked, HashSet<string> tried, Action changed) : IAsyncBasicConsumer
{
    readonly Lock _lock = new();
    readonly SortedDictionary<ulong, KeyDelivery> _waiting = [];
    readonly Dictionary<ulong, KeyDelivery> _underWay = [];
    readonly HashSet<ulong> _returned = [];
    volatile bool _isCancelled;
    readonly HashSet<ulong> _triedInRound = [];
    long? _round;
    long? _returnedIn;
    long? _othersTriedIn;
    readonly HashSet<string> _marks = [];
    bool _hasReturned;
    bool _isOver;

    public KeyConsumption Consumption => consumption;

    public IChannel? Channel => consumption.Channel.Channel;

    /// <summary>The consumer on the queue; null if there is none any more.</summary>
    public string? ConsumerTag { get; set; }

    /// <summary>The broker has ended it because the queue is gone.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>Whether anything was delivered, which means that no other instance is the queue's single active consumer.</summary>
    public bool IsActive { get; private set; }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _waiting.Count == 0 && _underWay.Count == 0;
        }
    }

    /// <summary>How long the message that was delivered first has waited; zero if none waits.</summary>
    public TimeSpan LongestWait
    {
        get
        {
            lock (_lock)
                return _waiting.Count > 0 ? time.GetElapsedTime(_waiting.First().Value.At) : TimeSpan.Zero;
        }
    }

    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    public int UnderWay
    {
        get
        {
            lock (_lock)
                return _underWay.Count;
        }
    }

    /// <summary>The latest round in which others were tried after the first had failed, or instead of it.</summary>
    public long? OthersTriedIn
    {
        get
        {
            lock (_lock)
                return _othersTriedIn;
        }
    }

    /// <summary>Whether everything before that mark has been delivered and handled, and nothing has come after it.</summary>
    public bool IsEmptyBehind(string mark)
    {
        lock (_lock)
            return _marks.Contains(mark) && _waiting.Count == 0 && _underWay.Count == 0;
    }

    /// <summary>
    /// The queue is about to be deleted. Messages that still come are handled at once, because nothing serves the queue any more.
    /// </summary>
    /// <returns>False if a message has come.</returns>
    public bool TryConclude()
    {
        lock (_lock)
            return _isOver = _waiting.Count == 0 && _underWay.Count == 0;
    }

    /// <summary>
    /// Hands on waiting messages while fewer than the limit are in flight, and until one comes back at once, which means that another took its
    /// permit, or has to wait for its turn: a later one might begin before it.
    /// </summary>
    /// <param name="most">How many may be in flight.</param>
    /// <param name="round">
    /// A round in which others are tried when the first has come back, until one of them comes back too; null if only the first is tried.
    /// </param>
    /// <param name="isFirstLeftOut">
    /// Whether they go before the first. They also do if one message decides the round, because the first one's result is already known.
    /// </param>
    /// <param name="isOneHeldUp">Whether a message that was handed on has not begun.</param>
    /// <returns>False if it has to look again soon.</returns>
    public bool TryDispatch(int most, long? round, bool isFirstLeftOut, Func<bool> isOneHeldUp)
    {
        while (true)
        {
            if (isOneHeldUp())
                return false;
            KeyDelivery? next;
            lock (_lock)
            {
                if (_hasReturned)
                    return _hasReturned = false;
                // One is on its way back.
                if (_returned.Count > 0)
                    return false;
                if (_waiting.Count == 0)
                    return true;
                var first = _waiting.First().Value;
                // A thread of the client may still have an earlier one in its hands.
                if (!consumption.Order.IsNext(first.Tag))
                    return false;
                var areOthersTried = round is { } withOthers && IsTurnOfOthers(first, withOthers, isFirstLeftOut || most == 1);
                if (_underWay.Count >= (round is null || areOthersTried ? most : Math.Min(most, 1)))
                    return true;
                next = areOthersTried ? NextOther(first) ?? first : first;
                Begin(next);
                if (round is not null)
                    _triedInRound.Add(next.Tag);
                if (areOthersTried)
                    _othersTriedIn = round;
            }

            // One after the other, up to where a handler first waits, as the client does it: so they get their turns in order.
            _ = HandleAsync(next);
        }
    }

    void Begin(KeyDelivery delivery)
    {
        _waiting.Remove(delivery.Tag);
        _underWay.Add(delivery.Tag, delivery);
    }

    bool IsTurnOfOthers(KeyDelivery first, long round, bool isFirstLeftOut)
    {
        if (_round != round)
            _triedInRound.Clear();
        _round = round;
        var hasOneComeBack = _returnedIn == round && _triedInRound.Count > 1;
        return !hasOneComeBack && (isFirstLeftOut || _triedInRound.Contains(first.Tag));
    }

    /// <summary>Several messages in a row may be at fault: one that was tried after the first gives way to those behind it.</summary>
    KeyDelivery? NextOther(KeyDelivery first)
    {
        var others = _waiting.Values.Where(delivery => delivery != first && !_triedInRound.Contains(delivery.Tag)).ToList();
        if (others.TrueForAll(other => tried.Contains(Identify(other))))
            tried.Clear();
        return others.Find(other => tried.Add(Identify(other)));
    }

    // It has another tag when it is delivered again.
    static string Identify(KeyDelivery delivery) => delivery.Properties.MessageId ?? delivery.Tag.ToString(CultureInfo.InvariantCulture);

    /// <summary>A message in flight goes back to its place when its delivery has ended.</summary>
    /// <returns>False if it is not one of these.</returns>
    public bool TryReturn(ulong tag)
    {
        lock (_lock)
            return _underWay.ContainsKey(tag) && (_returned.Add(tag) || true);
    }

    /// <summary>Its consumer is about to be cancelled: another instance's consumer may become the active one.</summary>
    public void Rest() => (ConsumerTag, IsActive) = (null, false);

    /// <summary>Nothing serves it any more: its messages must not stay there, and the queue must not look consumed.</summary>
    public async Task AbandonAsync()
    {
        if (ConsumerTag is not { } tag || !consumption.IsOpen)
            return;
        Rest();
        try
        {
            await consumption.CancelAsync(tag).ConfigureAwait(false);
            await LetGoAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The channel is lost, and the consumer with it.
        }
    }

    /// <summary>Returns the waiting messages to the queue, in order.</summary>
    public async Task LetGoAsync()
    {
        KeyDelivery[] waiting;
        lock (_lock)
        {
            waiting = [.. _waiting.Values];
            _waiting.Clear();
        }

        foreach (var delivery in waiting)
            await consumption.Channel.BasicNack(delivery.Tag, multiple: false, requeue: true, CancellationToken.None).ConfigureAwait(false);
    }

    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        IsActive = true;
        try
        {
            return KeyMark.TryRead(properties) is { } mark
                ? HandleMarkAsync(mark, deliveryTag, cancellationToken)
                : HandleMessageAsync(deliveryTag, redelivered, exchange, routingKey, properties, body);
        }
        finally
        {
            consumption.Order.Pass(deliveryTag);
        }
    }

    Task HandleMessageAsync(ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        parked.See(body.Length);
        // The client reclaims the body's memory when this returns.
        var delivery = new KeyDelivery(time.GetTimestamp(), deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray());
        bool isOver;
        lock (_lock)
        {
            _marks.Clear();
            _waiting.Add(deliveryTag, delivery);
            if (isOver = _isOver)
                Begin(delivery);
        }

        if (isOver)
            _ = HandleAsync(delivery);
        changed();
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _isCancelled = true;
        changed();
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleChannelShutdownAsync(object channel, RabbitMQ.Client.Events.ShutdownEventArgs reason)
    {
        changed();
        return Task.CompletedTask;
    }

    async Task HandleMarkAsync(string mark, ulong tag, CancellationToken cancellationToken)
    {
        await consumption.Channel.BasicAck(tag, multiple: false, cancellationToken).ConfigureAwait(false);
        lock (_lock)
            _marks.Add(mark);
        changed();
    }

    async Task HandleAsync(KeyDelivery delivery)
    {
        try
        {
            await consumption.Consumer.HandleBasicDeliverAsync(
                "", delivery.Tag, delivery.Redelivered, delivery.Exchange, delivery.RoutingKey, delivery.Properties, delivery.Body, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(delivery.Tag);
                if (_returned.Remove(delivery.Tag))
                {
                    _waiting.Add(delivery.Tag, delivery with { Redelivered = true });
                    (_hasReturned, _returnedIn) = (true, _round);
                }
            }

            changed();
        }
    }
}
