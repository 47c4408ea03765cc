using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>The queues of the keys of one endpoint that are not closed, or whose queue has not been empty since they closed.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is not used, and a source without a timer, hold no resources.")]
sealed class KeyQueues : IKeyQueues
{
    /// <summary>
    /// After this time, a declared queue is permanent. A broker keeps its list of quorum queues in memory for up to three seconds, and before
    /// 4.0 its list of classic queues for two: a kill before that loses the queue, with its confirmed messages.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(3.5);

    const int FewestDelivered = 20;

    readonly ConcurrentDictionary<string, KeyQueue> _queues = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string> _keys = new(StringComparer.Ordinal);
    readonly Partition _partition;
    readonly InFlightMessages _inFlight;
    readonly Func<int> _places;
    readonly KeyMoves _moves;
    readonly Lock _adding = new();
    volatile HashSet<string>? _unsettled;
    volatile KeyConsumption? _consumption;
    volatile CancellationTokenSource _stopping = new();
    volatile int _count;

    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="partition">The keys.</param>
    /// <param name="inFlight">Its in-flight messages.</param>
    /// <param name="places">How many can be in flight at once.</param>
    /// <param name="giveUp">Gives up a delivery that has been acknowledged.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public KeyQueues(
        string endpoint, ReceiveSettings queue, Partition partition, InFlightMessages inFlight, Func<int> places, Action<ReceiveContext> giveUp, TimeProvider time, ILogger log)
    {
        (Endpoint, _partition, _inFlight, _places, Time, Log) = (endpoint, partition, inFlight, places, time, log);
        Names = new KeyNames(queue.QueueName);
        Broker = new KeyBroker(queue.QueueArguments, Names);
        Closings = new KeyClosings(time);
        Register = new KeyRegister(endpoint, Names, Hear, Restart, () => InUse, time, log);
        Copies = new KeyCopies(this);
        _moves = new KeyMoves(this, giveUp);
        partition.Listen(Note);
    }

    public string Endpoint { get; }

    public KeyNames Names { get; }

    public KeyBroker Broker { get; }

    public KeyRegister Register { get; }

    public KeyClosings Closings { get; }

    public KeyCopies Copies { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>The endpoint's running consumer; null if there is none.</summary>
    public KeyConsumption? Consumption => _consumption;

    /// <summary>The endpoint is about to be stopped, or has been.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <inheritdoc cref="Partition.ShareOf"/>
    public int Share => _partition.ShareOf(_places(), _inFlight.Count);

    /// <summary>
    /// How many messages of one key are delivered at once and wait here while they are not admitted. It has to include some that are not at
    /// fault, behind those that are.
    /// </summary>
    public ushort Prefetch => (ushort)Math.Clamp((int)(_places() * _partition.Whole.Options.KeyShare), FewestDelivered, ushort.MaxValue);

    public bool Has(BreakerKey key) => _count > 0 && _queues.TryGetValue(key.Name, out var queue) && queue.Use.IsInUse;

    public async ValueTask WaitForEndAsync(BreakerKey key, CancellationToken cancellationToken)
    {
        if (Find(key.Name) is not { } queue)
            return;
        if (queue.Ending is { } ending)
            await ending.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await Closings.WaitAsync(key.Name, cancellationToken).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public string? KeyOf(ReceiveContext delivery) =>
        delivery.TryGetPayload(out RabbitMqBasicConsumeContext? rabbit) && rabbit.Exchange == Names.Exchange && _keys.TryGetValue(rabbit.RoutingKey!, out var key) ? key : null;

    /// <summary>The endpoint's consumer is about to start: the messages in queues of keys have to be known first.</summary>
    public async Task PrepareAsync(ChannelContext channel, CancellationToken cancellationToken)
    {
        _stopping = new CancellationTokenSource();
        await Register.FollowAsync(channel.ConnectionContext.Connection, cancellationToken).ConfigureAwait(false);
        if (_unsettled is not { } unsettled)
            return;
        var connection = channel.ConnectionContext.Connection;
        try
        {
            await Copies.RestoreAsync(connection, _queues.Values.Where(queue => queue.Use.IsInUse && unsettled.Contains(queue.Key.Name)), cancellationToken).ConfigureAwait(false);
            _unsettled = null;
        }
        catch (Exception exception) when (connection.IsOpen && !cancellationToken.IsCancellationRequested)
        {
            // A problem with keys must not keep the endpoint from consuming; this is tried again at the next start.
            Log.KeyCopiesUnread(Endpoint, Names.Copies, exception.Message);
        }

        foreach (var entry in KeptKeys)
            await TellAsync(entry).ConfigureAwait(false);
    }

    /// <summary>The endpoint's consumer has started.</summary>
    public void Begin(KeyConsumption consumption)
    {
        _consumption?.End();
        _consumption = consumption;
        Reconsider();
    }

    /// <summary>The endpoint is about to be stopped: its keys' queues must no longer deliver.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Reconsider();
        if (_consumption is not { IsOpen: true })
            return;
        foreach (var queue in _queues.Values)
            await queue.StopAsync().ConfigureAwait(false);
    }

    public void End()
    {
        _consumption?.End();
        _consumption = null;
    }

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

    /// <summary>A message that came from the queue of a key goes back to its place there.</summary>
    public bool TryReturn(ReceiveContext delivery) =>
        KeyOf(delivery) is { } key && _queues.TryGetValue(key, out var queue) && TagOf(delivery) is { } tag && queue.TryReturn(tag);

    public ulong PlaceOf(ReceiveContext delivery) => TagOf(delivery) ?? 0;

    public Task WaitForEarlierAsync(ReceiveContext delivery, CancellationToken cancellationToken) =>
        Consumption is { IsOpen: true } consumption ? consumption.Order.WaitForEarlierAsync(PlaceOf(delivery), cancellationToken) : Task.CompletedTask;

    public Task<bool> TryMoveAsync(ConsumeContext message, BreakerKey key, CancellationToken cancellationToken) => _moves.TryMoveAsync(message, key, cancellationToken);

    /// <summary>Whether a message from the queue of that key has not begun, for example because it waits for its turn in a ramp.</summary>
    public bool IsHeldUp(BreakerKey key) => _inFlight.All.Any(message => message is { IsFromKeyQueue: true, HasRun: false } && message.BreakerKey == key);

    public static ulong? TagOf(ReceiveContext delivery) => delivery.TryGetPayload(out RabbitMqBasicConsumeContext? rabbit) ? rabbit.DeliveryTag : null;

    /// <summary>The queue of a key, created if the limit allows one more.</summary>
    public KeyQueue? TryBeginMove(BreakerKey key)
    {
        while (true)
        {
            if (GetOrAdd(key, isKnown: false, Time.GetUtcNow()) is not { } queue)
                return null;
            if (queue.Use.TryBeginMove())
                return queue;
            Remove(queue);
        }
    }

    IEnumerable<KeyEntry> KeptKeys => _partition.Suspects
        .Where(key => key is { IsKept: true, Breaker: not null })
        .Select(key => (key.Name, Kept: key.Breaker!.GetSnapshot()))
        .Where(key => StateOf(key.Kept.State) is not null)
        .Select(key => new KeyEntry(key.Name, StateOf(key.Kept.State)!.Value, "", key.Kept.NextProbeAt, key.Kept.Reason));

    IEnumerable<KeyEntry> InUse => _queues.Values.Where(queue => queue.Use.IsInUse).Select(queue => queue.Declaration.Entry).Concat(KeptKeys);

    KeyQueue? Find(string key) => _queues.GetValueOrDefault(key);

    void Reconsider()
    {
        foreach (var queue in _queues.Values)
            queue.Reconsider();
    }

    KeyQueue? GetOrAdd(BreakerKey key, bool isKnown, DateTimeOffset? emptyAt)
    {
        if (_queues.TryGetValue(key.Name, out var known))
            return known;
        var most = _partition.Whole.Options.MaxParked;
        lock (_adding)
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

        _partition.Whole.TripByKeys(string.Create(CultureInfo.InvariantCulture, $"{most} keys already have queues of their own, and one more key needs one"));
        return null;
    }

    /// <summary>Reports the state of a key's breaker here to the other instances.</summary>
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

    /// <summary>Writes a line, if that is possible now.</summary>
    public async Task TellAsync(KeyEntry entry)
    {
        try
        {
            await Register.SayAsync(entry, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection is lost: the others learn it from their own calls, and this instance reports again what it has parked.
        }
    }

    /// <summary>What another instance, or an earlier run of this one, says about a key.</summary>
    void Hear(KeyEntry entry)
    {
        switch (entry.State)
        {
            case KeyEntryState.Closing:
                Closings.Begin(entry.Key, entry.By);
                break;
            case KeyEntryState.Released:
                Find(entry.Key)?.HasEndedElsewhere();
                Closings.End(entry.Key, entry.By);
                break;
            case KeyEntryState.Parked:
                HearOfQueue(_partition.Get(entry.Key), entry);
                Closings.End(entry.Key, entry.By);
                // It was taken back from an instance that has fallen silent.
                if (Closings.Since(entry.Key) >= KeyQueue.LongEndElsewhere)
                    Closings.Void(entry.Key);
                break;
            default:
                Adopt(_partition.Get(entry.Key), entry);
                break;
        }
    }

    /// <summary>The register is read again, for example after a lost connection: its latest entries replace what was missed.</summary>
    void Restart(IReadOnlyDictionary<string, bool> queues)
    {
        foreach (var queue in _queues.Values)
            if (!queues.ContainsKey(queue.Key.Name))
                queue.HasEndedElsewhere();
        Closings.Clear();
        _unsettled = queues.Where(queue => !queue.Value).Select(queue => queue.Key).ToHashSet(StringComparer.Ordinal);
    }

    void HearOfQueue(BreakerKey key, KeyEntry entry)
    {
        KeyQueue? queue;
        while ((queue = GetOrAdd(key, isKnown: true, entry.EmptyAt)) is not null && !queue.TryKeep(isWanted: !entry.IsSettled))
            Remove(queue);
        if (entry.EmptyAt is { } at)
            queue?.Parked.WasEmpty(at);
    }

    static void Adopt(BreakerKey key, KeyEntry entry)
    {
        if (entry.State == KeyEntryState.Closed && key.Breaker is null)
            return;
        var state = entry.State switch
        {
            KeyEntryState.Open => BreakerState.Open,
            KeyEntryState.Isolated => BreakerState.Isolated,
            _ => BreakerState.Closed,
        };
        key.Adopt(state, entry.Reason, entry.Until, entry.By);
    }
}
