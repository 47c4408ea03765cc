using Messaging.Breaker.Partitions;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Takes what the queue of a key delivers on one channel, and hands it to the endpoint's own consumer, in order and so many at once as the key
/// admits. What goes back waits here, in its place and unacknowledged: no delivery is spent by a probe that fails. Thread-safe.
/// </summary>
sealed class KeyDeliveries(KeyConsumption consumption, TimeProvider time, ParkedMessages parked, Action changed) : IAsyncBasicConsumer
{
    readonly Lock _lock = new();
    readonly SortedDictionary<ulong, KeyDelivery> _waiting = [];
    readonly Dictionary<ulong, KeyDelivery> _underWay = [];
    readonly HashSet<ulong> _returned = [];
    volatile bool _isCancelled;
    readonly HashSet<ulong> _tried = [];
    long? _round;
    long? _returnedIn;
    string? _mark;
    bool _hasReturned;
    bool _isOver;

    public KeyConsumption Consumption => consumption;

    public IChannel? Channel => consumption.Channel.Channel;

    /// <summary>The consumer on the queue; null when there is none any more.</summary>
    public string? ConsumerTag { get; set; }

    /// <summary>The broker has ended it: the queue is gone.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>Something was delivered, so that no other instance is the queue's single active consumer.</summary>
    public bool IsActive { get; private set; }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _waiting.Count == 0 && _underWay.Count == 0;
        }
    }

    /// <summary>For how long the one waits that was delivered first; zero if none does.</summary>
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

    /// <summary>Whether everything before that mark has been delivered, and handled, and nothing has come after it.</summary>
    public bool IsEmptyBehind(string mark)
    {
        lock (_lock)
            return _mark == mark && _waiting.Count == 0 && _underWay.Count == 0;
    }

    /// <summary>The queue is about to be deleted. What comes all the same is handled at once: nobody looks at it any more.</summary>
    /// <returns>False if something has come.</returns>
    public bool TryConclude()
    {
        lock (_lock)
            return _isOver = _waiting.Count == 0 && _underWay.Count == 0;
    }

    /// <summary>Hands on what waits, while less than that is under way, and until one comes back at once: then somebody else was quicker.</summary>
    /// <param name="most">So many may be under way.</param>
    /// <param name="round">
    /// A round in which the next ones are tried beside the first, until one of those comes back; null if the first goes first. Others are not tried later:
    /// the dependency might have come back since the first was tried, and they would overtake it.
    /// </param>
    /// <returns>False if one came back.</returns>
    public bool TryDispatch(int most, long? round)
    {
        while (true)
        {
            KeyDelivery? next;
            lock (_lock)
            {
                if (_hasReturned)
                    return _hasReturned = false;
                var isOverForOthers = round is not null && _returnedIn == round && _tried.Count > 1;
                if (_waiting.Count == 0 || _underWay.Count >= (isOverForOthers ? Math.Min(most, 1) : most))
                    return true;
                next = Next(isOverForOthers ? null : round, isFirstLeftOut: most == 1);
                Begin(next);
            }

            // One after the other up to where a handler first waits, as the client does it: so they take their turns in order.
            _ = HandleAsync(next);
        }
    }

    void Begin(KeyDelivery delivery)
    {
        _waiting.Remove(delivery.Tag);
        _underWay.Add(delivery.Tag, delivery);
    }

    // Where one message decides the round, that is the next one: the first has shown what it shows.
    KeyDelivery Next(long? round, bool isFirstLeftOut)
    {
        if (round is null)
            return _waiting.First().Value;
        if (_round != round)
            _tried.Clear();
        _round = round;
        var next = _waiting.Values.Skip(isFirstLeftOut ? 1 : 0).FirstOrDefault(delivery => !_tried.Contains(delivery.Tag)) ?? _waiting.First().Value;
        _tried.Add(next.Tag);
        return next;
    }

    /// <summary>A message that is under way goes back to its place when its delivery has ended.</summary>
    /// <returns>False if it is none of these.</returns>
    public bool TryReturn(ulong tag)
    {
        lock (_lock)
            return _underWay.ContainsKey(tag) && (_returned.Add(tag) || true);
    }

    /// <summary>Its consumer is about to be cancelled: another instance's may become the active one.</summary>
    public void Rest() => (ConsumerTag, IsActive) = (null, false);

    /// <summary>Nobody serves it any more: what it has must not stay there, nor the queue be taken for consumed.</summary>
    public async Task AbandonAsync()
    {
        if (ConsumerTag is not { } tag || !consumption.IsOpen)
            return;
        Rest();
        try
        {
            await consumption.Channel.BasicCancel(tag, CancellationToken.None).ConfigureAwait(false);
            await LetGoAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The channel is lost, and with it the consumer.
        }
    }

    /// <summary>Gives what waits back to the queue, in order.</summary>
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
        if (KeyMark.TryRead(properties) is { } mark)
            return HandleMarkAsync(mark, deliveryTag, cancellationToken);
        parked.See(body.Length);
        // The client takes its memory back when this returns.
        var delivery = new KeyDelivery(time.GetTimestamp(), deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray());
        bool isOver;
        lock (_lock)
        {
            _mark = null;
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
            _mark = mark;
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
