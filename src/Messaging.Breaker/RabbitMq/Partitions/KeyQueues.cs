using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Partitions;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>The queues of the keys of one endpoint that are not closed, or have not been empty since.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle, and a source without a timer, hold nothing.")]
sealed class KeyQueues : IKeyQueues
{
    // Of those that were delivered before, and are still being handled: a handler that hangs is not waited for any longer.
    static readonly TimeSpan LongestWaitForEarlier = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LongestMove = TimeSpan.FromSeconds(10);

    /// <summary>An instance deletes a queue within two seconds of saying so, or not at all.</summary>
    public static readonly TimeSpan Deletion = TimeSpan.FromSeconds(3);

    readonly ConcurrentDictionary<string, KeyQueue> _queues = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string> _keys = new(StringComparer.Ordinal);
    readonly SemaphoreSlim _consuming = new(1);
    readonly Partition _partition;
    readonly InFlightMessages _inFlight;
    readonly Func<int> _places;
    readonly Action<ReceiveContext> _giveUp;
    readonly HashSet<string> _unmovable = [];
    readonly ConcurrentDictionary<string, long> _closedAt = new(StringComparer.Ordinal);
    volatile KeyConsumption? _consumption;
    volatile CancellationTokenSource _stopping = new();
    volatile int _count;

    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="partition">The keys.</param>
    /// <param name="inFlight">Its messages under way.</param>
    /// <param name="places">How many can be under way at once.</param>
    /// <param name="giveUp">Gives up a delivery that is acknowledged.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public KeyQueues(
        string endpoint, ReceiveSettings queue, Partition partition, InFlightMessages inFlight, Func<int> places, Action<ReceiveContext> giveUp, TimeProvider time, ILogger log)
    {
        (Endpoint, _partition, _inFlight, _places, _giveUp, Time, Log) = (endpoint, partition, inFlight, places, giveUp, time, log);
        Names = new KeyNames(queue.QueueName);
        Broker = new KeyBroker(queue.QueueArguments, Names);
        Register = new KeyRegister(endpoint, Names, Hear, time, log);
        partition.Listen(Note);
    }

    public string Endpoint { get; }

    public KeyNames Names { get; }

    public KeyBroker Broker { get; }

    public KeyRegister Register { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>The endpoint's consumer at work; null if there is none.</summary>
    public KeyConsumption? Consumption => _consumption;

    /// <summary>The endpoint is about to be stopped, or has been.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <inheritdoc cref="Partition.ShareOf"/>
    public int Share => _partition.ShareOf(_places());

    /// <summary>How many messages of one key are delivered at once, and wait here while they are not admitted.</summary>
    ushort Prefetch => (ushort)Math.Clamp((int)(_places() * _partition.Whole.Options.KeyShare), 1, ushort.MaxValue);

    public bool Has(BreakerKey key) => _count > 0 && _queues.TryGetValue(key.Name, out var queue) && queue.IsInUse;

    public ValueTask WaitForEndAsync(BreakerKey key, CancellationToken cancellationToken) =>
        _queues.TryGetValue(key.Name, out var queue) && queue.Ending is { } ending
            ? WaitAsync(ending, cancellationToken)
            : default;

    public string? KeyOf(ReceiveContext delivery) =>
        delivery.TryGetPayload(out RabbitMqBasicConsumeContext? rabbit) && rabbit.Exchange == Names.Exchange && _keys.TryGetValue(rabbit.RoutingKey!, out var key) ? key : null;

    /// <summary>The endpoint's consumer is about to start: what waits in queues of keys has to be known before.</summary>
    public async Task PrepareAsync(ChannelContext channel, CancellationToken cancellationToken)
    {
        _stopping = new CancellationTokenSource();
        if (!await Register.FollowAsync(channel.ConnectionContext.Connection, cancellationToken).ConfigureAwait(false))
            return;
        foreach (var key in _partition.Suspects)
            if (key is { IsKept: true, Breaker: { } own } && own.GetSnapshot() is var kept && StateOf(kept.State) is { } state)
                await TellAsync(new KeyEntry(key.Name, state, "", kept.NextProbeAt, kept.Reason)).ConfigureAwait(false);
    }

    /// <summary>The endpoint's consumer has started.</summary>
    public void Begin(KeyConsumption consumption)
    {
        _consumption = consumption;
        Reconsider();
    }

    /// <summary>The endpoint is about to be stopped: its keys' queues must deliver nothing any more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Reconsider();
        if (_consumption is not { IsOpen: true })
            return;
        foreach (var queue in _queues.Values)
            await queue.StopAsync().ConfigureAwait(false);
    }

    /// <summary>The consumer has ended: what was returned meanwhile goes back, while its channel is open.</summary>
    public async Task PutBackAsync()
    {
        foreach (var queue in _queues.Values)
            await queue.LetGoAsync().ConfigureAwait(false);
    }

    public void End() => _consumption = null;

    /// <summary>The endpoint was removed.</summary>
    public void Forget()
    {
        _partition.Forget(Note);
        foreach (var queue in _queues.Values)
            queue.End();
    }

    public void Remove(KeyQueue queue)
    {
        if (_queues.TryRemove(new KeyValuePair<string, KeyQueue>(queue.Key.Name, queue)))
            _count = _queues.Count;
    }

    /// <summary>Another instance may be about to delete the queue of a key, since it was empty: a new one has to wait until that is over.</summary>
    public async Task WaitForDeletionAsync(BreakerKey key, CancellationToken cancellationToken)
    {
        if (_closedAt.TryGetValue(key.Name, out var at) && Deletion - Time.GetElapsedTime(at) is var left && left > TimeSpan.Zero)
            await Task.Delay(left, Time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Another instance has said that it deletes the queue of a key, not long ago.</summary>
    public bool IsDeletedElsewhere(BreakerKey key) => _closedAt.TryGetValue(key.Name, out var at) && Time.GetElapsedTime(at) < LongestWaitForEarlier;

    /// <summary>One at a time: the prefetch count of a channel holds for the consumer that is added next.</summary>
    public async Task ConsumeAsync(KeyConsumption consumption, string queue, KeyDeliveries deliveries, CancellationToken cancellationToken)
    {
        await _consuming.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var channel = consumption.Channel;
            await channel.Channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken).ConfigureAwait(false);
            deliveries.ConsumerTag = await channel.BasicConsume(queue, false, false, new Dictionary<string, object>(), deliveries, "", cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _consuming.Release();
        }
    }

    /// <summary>A message that came from the queue of a key goes back to its place there.</summary>
    public bool TryReturn(ReceiveContext delivery) =>
        KeyOf(delivery) is { } key && _queues.TryGetValue(key, out var queue) && TagOf(delivery) is { } tag && queue.TryReturn(tag);

    public async Task<bool> TryMoveAsync(ConsumeContext message, BreakerKey key, CancellationToken cancellationToken)
    {
        var delivery = message.ReceiveContext;
        if (TagOf(delivery) is not { } tag || !delivery.TryGetPayload(out ChannelContext? consuming) || TryBeginMove(key, tag) is not { } queue)
            return false;
        try
        {
            using var limit = new CancellationTokenSource(LongestMove, Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await WaitForEarlierAsync(queue, tag, either.Token).ConfigureAwait(false);
            await PublishAsync(queue, consuming, message, either.Token).ConfigureAwait(false);
            await consuming.BasicAck(tag, false, CancellationToken.None).ConfigureAwait(false);
            lock (_unmovable)
                _unmovable.Remove(key.Name);
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested && consuming.Channel.IsOpen)
                Say(key, exception);
            return false;
        }
        finally
        {
            queue.EndMove(tag);
        }

        _giveUp(delivery);
        return true;
    }

    KeyQueue? Find(string key) => _queues.GetValueOrDefault(key);

    static async ValueTask WaitAsync(Task ending, CancellationToken cancellationToken) =>
        await ending.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    static ulong? TagOf(ReceiveContext delivery) => delivery.TryGetPayload(out RabbitMqBasicConsumeContext? rabbit) ? rabbit.DeliveryTag : null;

    void Reconsider()
    {
        foreach (var queue in _queues.Values)
            queue.Reconsider();
    }

    /// <summary>The queue of a key, which is made if there may be one more.</summary>
    KeyQueue? TryBeginMove(BreakerKey key, ulong tag)
    {
        while (true)
        {
            if (GetOrAdd(key, isKnown: false, Time.GetUtcNow()) is not { } queue)
                return null;
            if (queue.TryBeginMove(tag))
                return queue;
            Remove(queue);
        }
    }

    KeyQueue? GetOrAdd(BreakerKey key, bool isKnown, DateTimeOffset? emptyAt)
    {
        if (_queues.TryGetValue(key.Name, out var known))
            return known;
        var most = _partition.Whole.Options.MaxParked;
        lock (_unmovable)
        {
            if (_queues.TryGetValue(key.Name, out known))
                return known;
            if (_queues.Count < most)
            {
                var queue = new KeyQueue(this, key, isKnown, emptyAt);
                _keys[queue.Name] = key.Name;
                _queues[key.Name] = queue;
                _count = _queues.Count;
                queue.Begin();
                return queue;
            }
        }

        _partition.Whole.TripByKeys(string.Create(CultureInfo.InvariantCulture, $"{most} keys have queues of their own already, and one more needs one"));
        return null;
    }

    /// <summary>Order within a key: what was delivered earlier, and is still being handled or about to be moved, comes first.</summary>
    async Task WaitForEarlierAsync(KeyQueue queue, ulong tag, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LongestWaitForEarlier, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        while (!either.IsCancellationRequested)
        {
            var left = queue.Key.Left;
            if (!queue.IsBehind(tag) && !_inFlight.All.Any(other => other is { IsFromKeyQueue: false } && other.BreakerKey == queue.Key && TagOf(other.Delivery!) < tag))
                return;
            await left.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    async Task PublishAsync(KeyQueue queue, ChannelContext consuming, ConsumeContext message, CancellationToken cancellationToken)
    {
        var body = message.ReceiveContext.Body.GetBytes();
        queue.Parked.BeginMove();
        try
        {
            await PublishAsync(queue, consuming.ConnectionContext.Connection, PropertiesOf(message), body, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            queue.Parked.FailMove();
            throw;
        }

        queue.Parked.EndMove(body.Length, Time.GetUtcNow());
    }

    async Task PublishAsync(KeyQueue queue, IConnection connection, BasicProperties properties, byte[] body, CancellationToken cancellationToken)
    {
        await queue.DeclareAsync(connection, isMissing: false, cancellationToken).ConfigureAwait(false);
        if (!await Broker.TryPublishAsync(connection, queue.Name, properties, body, cancellationToken).ConfigureAwait(false))
        {
            await queue.DeclareAsync(connection, isMissing: true, cancellationToken).ConfigureAwait(false);
            if (!await Broker.TryPublishAsync(connection, queue.Name, properties, body, cancellationToken).ConfigureAwait(false))
                throw new IOException($"queue '{queue.Name}' vanished as soon as it was declared");
        }

        // A broker that is killed has not written down what was declared a second ago; and whoever deletes the queue may not hear in time that it was declared
        // anew. Either way the message has to come again.
        if (await queue.IsLostAsync(connection, cancellationToken).ConfigureAwait(false))
            throw new IOException($"queue '{queue.Name}' is gone a moment after it was declared");
    }

    /// <summary>Those of the message, but that it expires when it would have.</summary>
    BasicProperties PropertiesOf(ConsumeContext message)
    {
        message.ReceiveContext.TryGetPayload(out RabbitMqBasicConsumeContext? delivery);
        var properties = DeliveryCounts.Without(delivery!.Properties);
        if (properties.IsExpirationPresent() && message.ExpirationTime is { } end)
            properties.Expiration = Math.Max(0, (long)(end.ToUniversalTime() - Time.GetUtcNow().UtcDateTime).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return properties;
    }

    void Say(BreakerKey key, Exception exception)
    {
        lock (_unmovable)
            if (!_unmovable.Add(key.Name))
                return;
        Log.KeyNotParked(Endpoint, key.Name, exception.Message, Names.All);
    }

    /// <summary>What a key's breaker came to here, for the others.</summary>
    void Note(BreakerKey key, Transition transition)
    {
        if (transition.IsFleets || transition.Mode != BreakerMode.Enforcing || StateOf(transition.To) is not { } state)
            return;
        var entry = new KeyEntry(key.Name, state, "", transition.BreakDuration is { } length ? Time.GetUtcNow() + length : null, transition.Reason);
        _ = TellAsync(entry);
    }

    static KeyEntryState? StateOf(BreakerState state) => state switch
    {
        BreakerState.Open => KeyEntryState.Open,
        BreakerState.Isolated => KeyEntryState.Isolated,
        BreakerState.Closed => KeyEntryState.Closed,
        _ => null,
    };

    async Task TellAsync(KeyEntry entry)
    {
        try
        {
            await Register.SayAsync(entry, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection is lost: the others learn it by their own calls, and this one says again what it has parked.
        }
    }

    /// <summary>What another instance, or an earlier run of this one, says of a key.</summary>
    void Hear(KeyEntry entry)
    {
        switch (entry.State)
        {
            case KeyEntryState.Closing:
                _closedAt[entry.Key] = Time.GetTimestamp();
                Find(entry.Key)?.EndsElsewhere();
                break;
            case KeyEntryState.Released:
                Find(entry.Key)?.HasEndedElsewhere();
                break;
            case KeyEntryState.Parked:
                HearOfQueue(_partition.Get(entry.Key), entry.EmptyAt);
                break;
            default:
                Adopt(_partition.Get(entry.Key), entry);
                break;
        }
    }

    void HearOfQueue(BreakerKey key, DateTimeOffset? emptyAt)
    {
        KeyQueue? queue;
        while ((queue = GetOrAdd(key, isKnown: true, emptyAt)) is not null && !queue.TryKeep())
            Remove(queue);
        if (emptyAt is { } at)
            queue?.Parked.WasEmpty(at);
    }

    static void Adopt(BreakerKey key, KeyEntry entry)
    {
        if (entry.State == KeyEntryState.Closed && key.Breaker is null)
            return;
        var own = key.GetOrCreateBreaker();
        var state = entry.State switch
        {
            KeyEntryState.Open => BreakerState.Open,
            KeyEntryState.Isolated => BreakerState.Isolated,
            _ => BreakerState.Closed,
        };
        if (own.State == state && state == BreakerState.Closed)
            return;
        own.AdoptForKey(state, entry.Reason, entry.Until, entry.By);
    }
}
