using System.Diagnostics.CodeAnalysis;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Partitions;
using Messaging.Breaker.Telemetry;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// The queue of one key of an endpoint: its messages go there in order, and come from there to the endpoint's consumer, none while the key is open, as
/// probes while it is half-open, and up to its share afterwards, until it is empty and can go. One serial loop does all of that.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle, and a source without a timer, hold nothing.")]
sealed class KeyQueue
{
    // Well below the broker's time-out for what is delivered and not acknowledged.
    static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(5);
    // Who was refused just now is not asked again at once, thousands of times a second.
    static readonly TimeSpan RestAfterReturn = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Counting = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LookForEnd = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    // For messages that were on their way when the queue was closed.
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    const int RoundsUntilOthers = 6;
    const int RoundWithOthers = 4;

    readonly KeyQueues _owner;
    readonly SemaphoreSlim _topology = new(1);
    readonly SemaphoreSlim _serving = new(1);
    readonly SortedSet<ulong> _arriving = [];
    readonly Lock _lock = new();
    readonly Signal _changed = new();
    readonly CancellationTokenSource _ending = new();
    KeyDeliveries? _deliveries;
    int _moves;
    bool _isDeclared;
    bool _isInUse;
    bool _isGone;
    long? _heldSince;
    long? _countedAt;
    long _round;
    int _rounds;

    /// <param name="owner">The queues of the endpoint's keys.</param>
    /// <param name="key">The key.</param>
    /// <param name="isKnown">The register says that it is there.</param>
    /// <param name="emptyAt">When nothing was in it; null if that is not known.</param>
    public KeyQueue(KeyQueues owner, BreakerKey key, bool isKnown, DateTimeOffset? emptyAt)
    {
        (_owner, Key, Name, _isInUse) = (owner, key, owner.Names.QueueOf(key.Name), isKnown);
        Parked = new ParkedMessages(key.Partition.ParkedSizes, emptyAt);
        key.AddQueue(Parked);
    }

    public BreakerKey Key { get; }

    public string Name { get; }

    public ParkedMessages Parked { get; }

    /// <summary>Messages of the key have to go behind those that are here.</summary>
    public bool IsInUse
    {
        get
        {
            lock (_lock)
                return _isInUse || _moves > 0;
        }
    }

    CircuitBreaker Whole => Key.Partition.Whole;

    /// <summary>How many of its messages may be under way at once.</summary>
    int Limit
    {
        get
        {
            if (_owner.IsStopping)
                return 0;
            var own = Key.Breaker;
            if (Whole is { State: not BreakerState.Closed, Mode: BreakerMode.Enforcing })
                return own is { IsRefusing: true } || Whole.ProbeLimit is not { } most ? 0 : Math.Min(most, UnderWay + Whole.FreeProbes);
            if (own is { IsRefusing: true })
                return 0;
            if (own?.ProbeLimit is { } probes)
                return Math.Min(IsRoundWithOthers(own) ? probes : 1, UnderWay + own.FreeProbes);
            _rounds = 0;
            // Those count as well that are still under way from the endpoint's own queue.
            return Math.Max(0, _owner.Share - Math.Max(0, Key.UnderWay - UnderWay));
        }
    }

    bool IsClosed => Whole.State == BreakerState.Closed && (Key.Breaker is null or { State: BreakerState.Closed });

    int UnderWay => _deliveries?.UnderWay ?? 0;

    public void Begin()
    {
        // Whoever needs the queue must not lend it his AsyncLocals.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(RunAsync);
    }

    public void Reconsider() => _changed.Raise();

    /// <summary>The endpoint is about to be stopped: nothing more must come from here.</summary>
    public async Task StopAsync()
    {
        if (!await _serving.WaitAsync(LongestStop).ConfigureAwait(false))
            return;
        try
        {
            await HoldAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The channel is lost, and with it the consumer.
        }
        finally
        {
            _serving.Release();
        }
    }

    /// <summary>What waits goes back to the queue.</summary>
    public Task LetGoAsync() => _deliveries?.LetGoAsync() ?? Task.CompletedTask;

    /// <summary>Counts a message that is about to come, so that the queue stays; to be ended by <see cref="EndMove"/>.</summary>
    /// <returns>False if the queue is gone, and another is to be made.</returns>
    public bool TryBeginMove(ulong tag)
    {
        lock (_lock)
        {
            if (_isGone)
                return false;
            _moves++;
            _arriving.Add(tag);
            return true;
        }
    }

    public void EndMove(ulong tag)
    {
        lock (_lock)
        {
            _moves--;
            _arriving.Remove(tag);
        }

        _changed.Raise();
    }

    /// <summary>Whether a message that was delivered earlier is about to come.</summary>
    public bool IsBehind(ulong tag)
    {
        lock (_lock)
            return _arriving.Count > 0 && _arriving.Min < tag;
    }

    /// <summary>Sees to it that the queue is there, and known to whoever has to find it.</summary>
    /// <param name="connection">The endpoint's connection.</param>
    /// <param name="isMissing">It was found missing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task DeclareAsync(IConnection connection, bool isMissing, CancellationToken cancellationToken)
    {
        await _topology.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isDeclared && !isMissing)
                return;
            await _owner.WaitForDeletionAsync(Key, cancellationToken).ConfigureAwait(false);
            await _owner.Register.FollowAsync(connection, cancellationToken).ConfigureAwait(false);
            await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _topology.Release();
        }
    }

    /// <summary>A message that was under way goes back to its place.</summary>
    public bool TryReturn(ulong tag) => _deliveries?.TryReturn(tag) == true;

    /// <summary>Another instance says that the queue is empty and goes.</summary>
    public void Release()
    {
        lock (_lock)
            if (_moves == 0 && _deliveries is null or { IsActive: false })
                _isInUse = false;
        _changed.Raise();
    }

    /// <summary>The endpoint is removed, or its bus is stopped for good.</summary>
    public void End()
    {
        _ending.Cancel();
        lock (_lock)
            _isGone = true;
    }

    /// <summary>
    /// In most rounds the first message alone is asked, and again if it fails: when the key is back, none has overtaken it. Now and then the next ones are
    /// asked with it, to tell a key that is down from a message that is at fault.
    /// </summary>
    bool IsRoundWithOthers(CircuitBreaker own)
    {
        if (own.Generation != _round)
            (_round, _rounds) = (own.Generation, _rounds + 1);
        return _rounds % RoundsUntilOthers == RoundWithOthers;
    }

    async Task RunAsync()
    {
        try
        {
            while (!_ending.IsCancellationRequested)
            {
                var (changed, left, whole, own) = (_changed.Next, Key.Left, Whole.Changed, Key.Breaker?.Changed);
                TimeSpan? again = Counting;
                try
                {
                    again = await ServeAsync().ConfigureAwait(false);
                }
                catch (Exception exception) when (!_ending.IsCancellationRequested)
                {
                    if (_owner.Consumption is { IsOpen: true })
                        _owner.Log.KeyQueueStuck(_owner.Endpoint, Key.Name, exception.Message, RetryDelay);
                    again = RetryDelay;
                }

                if (_isGone)
                    return;
                if (again == RestAfterReturn)
                    await Task.Delay(RestAfterReturn, _owner.Time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                else if (again is { } delay)
                    await Task.WhenAny(own is null ? Task.WhenAny(changed, left, whole) : Task.WhenAny(changed, left, whole, own), Task.Delay(delay, _owner.Time, _ending.Token)).ConfigureAwait(false);
            }
        }
        finally
        {
            Key.RemoveQueue(Parked);
            _owner.Remove(this);
        }
    }

    /// <returns>When to look again at the latest; null for at once.</returns>
    async Task<TimeSpan?> ServeAsync()
    {
        await _serving.WaitAsync(_ending.Token).ConfigureAwait(false);
        try
        {
            return await ServeOnceAsync().ConfigureAwait(false);
        }
        finally
        {
            _serving.Release();
        }
    }

    async Task<TimeSpan?> ServeOnceAsync()
    {
        if (_owner.Consumption is not { IsOpen: true } consumption)
        {
            (_deliveries, _heldSince) = (null, null);
            return Counting;
        }

        if (_deliveries is { } old && old.Consumption != consumption)
            (_deliveries, _heldSince) = (null, null);
        if (!_isInUse)
            return await LeaveAsync(consumption).ConfigureAwait(false) ? null : Counting;
        if (_deliveries is { IsCancelled: true })
        {
            _owner.Log.KeyQueueDeleted(_owner.Endpoint, Name, Key.Name);
            _deliveries = null;
            await DeclareAsync(consumption.Channel.ConnectionContext.Connection, isMissing: true, _ending.Token).ConfigureAwait(false);
        }

        if (_countedAt is not { } at || _owner.Time.GetElapsedTime(at) >= Counting)
            await CountAsync(consumption.Channel.ConnectionContext.Connection).ConfigureAwait(false);
        var limit = Limit;
        if (limit == 0)
            return await HoldAsync().ConfigureAwait(false);
        _heldSince = null;
        if (_deliveries is not { ConsumerTag: not null })
            await ConsumeAsync(consumption).ConfigureAwait(false);
        if (!_deliveries!.TryDispatch(limit, Key.Breaker is { ProbeLimit: not null } own && IsRoundWithOthers(own) ? _round : null))
            return RestAfterReturn;
        if (!IsClosed || !_deliveries.IsEmpty)
            return Counting;
        return await TryEndAsync(consumption).ConfigureAwait(false) ? null : LookForEnd;
    }

    /// <summary>Lets messages come to the queue, and says so before the first does.</summary>
    async Task OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await _owner.Register.SayAsync(new KeyEntry(Key.Name, KeyEntryState.Parked, "", EmptyAt: Parked.EmptyAt), cancellationToken).ConfigureAwait(false);
        await _owner.Broker.DeclareAsync(connection, Name, cancellationToken).ConfigureAwait(false);
        if (!_isDeclared)
            _owner.Log.KeyParked(_owner.Endpoint, Key.Name, Name);
        _isDeclared = true;
        lock (_lock)
            _isInUse = true;
    }

    async Task ConsumeAsync(KeyConsumption consumption)
    {
        var connection = consumption.Channel.ConnectionContext.Connection;
        await DeclareAsync(connection, isMissing: false, _ending.Token).ConfigureAwait(false);
        var deliveries = _deliveries ?? new KeyDeliveries(consumption, Parked, _changed.Raise);
        _deliveries = deliveries;
        await _owner.ConsumeAsync(consumption, Name, deliveries, _ending.Token).ConfigureAwait(false);
    }

    /// <summary>The key is open. What was delivered before waits here; but not for so long that the broker would take the channel for hung.</summary>
    async Task<TimeSpan?> HoldAsync()
    {
        if (_deliveries is not { ConsumerTag: { } tag } deliveries)
            return Counting;
        _heldSince ??= _owner.Time.GetTimestamp();
        var left = LongestHold - _owner.Time.GetElapsedTime(_heldSince.Value);
        if (left > TimeSpan.Zero && !_owner.IsStopping)
            return left < Counting ? left : Counting;
        deliveries.ConsumerTag = null;
        await deliveries.Consumption.Channel.BasicCancel(tag, CancellationToken.None).ConfigureAwait(false);
        await deliveries.LetGoAsync().ConfigureAwait(false);
        return Counting;
    }

    /// <summary>Lets the queue go when nothing is in it, nor on its way to it.</summary>
    async Task<bool> TryEndAsync(KeyConsumption consumption)
    {
        var connection = consumption.Channel.ConnectionContext.Connection;
        var count = await CountAsync(connection).ConfigureAwait(false);
        if (count > 0)
            return false;
        lock (_lock)
        {
            if (_moves > 0 || !_deliveries!.IsEmpty || !IsClosed)
                return false;
            _isInUse = false;
        }

        await _topology.WaitAsync(_ending.Token).ConfigureAwait(false);
        try
        {
            if (await IsToStayAsync(connection, isThere: count is not null).ConfigureAwait(false))
            {
                await OpenAsync(connection, _ending.Token).ConfigureAwait(false);
                return false;
            }

            if (_deliveries.ConsumerTag is { } tag)
                await consumption.Channel.BasicCancel(tag, CancellationToken.None).ConfigureAwait(false);
            await KeyBroker.DeleteAsync(connection, Name, CancellationToken.None).ConfigureAwait(false);
            _owner.Log.KeyUnparked(_owner.Endpoint, Key.Name);
            return true;
        }
        catch
        {
            // Whether it is there is not known: it is looked at again.
            lock (_lock)
                (_isInUse, _isGone) = (true, false);
            throw;
        }
        finally
        {
            _topology.Release();
        }
    }

    /// <summary>Closes the queue to what would come. When nothing is on its way any more, it is to be deleted, unless something has come.</summary>
    async Task<bool> IsToStayAsync(IConnection connection, bool isThere)
    {
        _isDeclared = false;
        // Before it is closed, so that whoever moves messages there makes it anew, and only when this is over.
        await _owner.Register.SayAsync(new KeyEntry(Key.Name, KeyEntryState.Released, ""), _ending.Token).ConfigureAwait(false);
        if (isThere)
        {
            await _owner.Broker.CloseAsync(connection, Name, _ending.Token).ConfigureAwait(false);
            await Task.Delay(Settling, _owner.Time, _ending.Token).ConfigureAwait(false);
            if (await KeyBroker.CountAsync(connection, Name, _ending.Token).ConfigureAwait(false) > 0)
                return true;
        }

        lock (_lock)
            return !(_isGone = _moves == 0 && _deliveries!.IsEmpty);
    }

    /// <summary>How many messages wait, those included that were delivered and wait here; null if the queue is not there.</summary>
    async Task<long?> CountAsync(IConnection connection)
    {
        _countedAt = _owner.Time.GetTimestamp();
        var (began, moved) = (_owner.Time.GetUtcNow(), Parked.Moved);
        var ready = await KeyBroker.CountAsync(connection, Name, _ending.Token).ConfigureAwait(false);
        var deliveries = _deliveries;
        var isEmpty = ready is null or 0 && deliveries is { IsActive: true, IsEmpty: true };
        Parked.Count((ready ?? 0) + (deliveries?.Waiting ?? 0), deliveries?.UnderWay ?? 0, moved, isEmpty, began);
        return ready;
    }

    /// <summary>Another instance has found it empty, and deletes it; or it could not be made.</summary>
    /// <returns>False if it may be needed yet.</returns>
    async Task<bool> LeaveAsync(KeyConsumption consumption)
    {
        lock (_lock)
        {
            if (_isInUse || _moves > 0)
                return false;
            _isGone = true;
        }

        if (_deliveries is { ConsumerTag: { } tag, IsCancelled: false })
            await consumption.Channel.BasicCancel(tag, CancellationToken.None).ConfigureAwait(false);
        return true;
    }
}
