using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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
    // Who was refused just now is not asked again at once, thousands of times a second.
    static readonly TimeSpan RestAfterReturn = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Counting = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LookForEnd = TimeSpan.FromMilliseconds(250);
    // The instance that was about to delete the queue has not said what came of it: it has died.
    static readonly TimeSpan LongestEndElsewhere = TimeSpan.FromSeconds(10);
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    // Measured on 3.10 and 4.3: a broker that is killed later than that after a declaration has the queue.
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(1.5);
    static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);

    readonly KeyQueues _owner;
    readonly SemaphoreSlim _topology = new(1);
    readonly SemaphoreSlim _serving = new(1);
    readonly SortedSet<ulong> _arriving = [];
    readonly Lock _lock = new();
    readonly Signal _changed = new();
    readonly CancellationTokenSource _removed = new();
    readonly KeyLimit _limit;
    readonly KeyQueueEnd _end;
    volatile TaskCompletionSource? _ending;
    KeyDeliveries? _deliveries;
    int _moves;
    bool _isDeclared;
    bool _isReported;
    bool _isInUse;
    bool _isGone;
    long? _countedAt;
    long? _endsElsewhereSince;
    long? _declaredAt;
    TimeSpan _settling;
    bool _hasEndedElsewhere;
    bool _isWanted;
    long? _heldCount;
    TimeSpan _lookForEnd = LookForEnd;

    /// <param name="owner">The queues of the endpoint's keys.</param>
    /// <param name="key">The key.</param>
    /// <param name="isKnown">The register says that it is there.</param>
    /// <param name="emptyAt">When nothing was in it; null if that is not known.</param>
    public KeyQueue(KeyQueues owner, BreakerKey key, bool isKnown, DateTimeOffset? emptyAt)
    {
        (_owner, Key, Name, _isInUse) = (owner, key, owner.Names.QueueOf(key.Name), isKnown);
        Parked = new ParkedMessages(key.Partition.ParkedSizes, emptyAt);
        (_limit, _end) = (new KeyLimit(owner, key), new KeyQueueEnd(owner, key.Name, Name));
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

    /// <summary>Completes when it is settled whether the queue, which seems to be empty, goes; null while it does not seem so.</summary>
    public Task? Ending => _ending?.Task;

    /// <summary>Of a half-open key, too, nothing need wait there: what comes is moved to a new queue.</summary>
    bool MayEnd => Whole.State == BreakerState.Closed && (Key.Breaker is null or { State: BreakerState.Closed or BreakerState.HalfOpen });

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
            if (isMissing || !_isReported)
                (_declaredAt, _settling) = (_owner.Time.GetTimestamp(), isMissing ? KeyQueues.Deletion : Settling);
            await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _topology.Release();
        }
    }

    /// <summary>
    /// Waits, if the queue was declared just now, until the broker keeps it through a crash and whoever was deleting it must be done, and says whether it is
    /// gone.
    /// </summary>
    public async ValueTask<bool> IsLostAsync(IConnection connection, CancellationToken cancellationToken)
    {
        if (_declaredAt is not { } at || _settling - _owner.Time.GetElapsedTime(at) is not { Ticks: > 0 } left)
            return false;
        await Task.Delay(left, _owner.Time, cancellationToken).ConfigureAwait(false);
        return await KeyBroker.CountAsync(connection, Name, cancellationToken).ConfigureAwait(false) is null;
    }

    /// <summary>A message that was under way goes back to its place.</summary>
    public bool TryReturn(ulong tag) => _deliveries?.TryReturn(tag) == true;

    /// <summary>Another instance says that the queue is empty, and is about to delete it: no message is to go there any more.</summary>
    public void EndsElsewhere()
    {
        lock (_lock)
            if (_moves == 0 && _deliveries is null or { IsActive: false })
                (_isInUse, _endsElsewhereSince) = (false, _owner.Time.GetTimestamp());
        _changed.Raise();
    }

    /// <summary>Another instance says that it has deleted the queue.</summary>
    public void HasEndedElsewhere()
    {
        lock (_lock)
            _hasEndedElsewhere = _endsElsewhereSince is not null;
        _changed.Raise();
    }

    /// <summary>Another instance says that it moves messages there.</summary>
    /// <returns>False if the queue is gone, and another is to be made.</returns>
    public bool TryKeep()
    {
        lock (_lock)
        {
            if (_isGone)
                return false;
            (_isInUse, _isWanted, _endsElsewhereSince, _hasEndedElsewhere) = (true, true, null, false);
        }

        _changed.Raise();
        return true;
    }

    /// <summary>The endpoint is removed, or its bus is stopped for good.</summary>
    public void End()
    {
        _removed.Cancel();
        lock (_lock)
            _isGone = true;
    }

    async Task RunAsync()
    {
        try
        {
            while (!_removed.IsCancellationRequested)
            {
                var (changed, left, whole, own) = (_changed.Next, Key.Left, Whole.Changed, Key.Breaker?.Changed);
                TimeSpan? again = Counting;
                try
                {
                    again = await ServeAsync().ConfigureAwait(false);
                }
                catch (Exception exception) when (!_removed.IsCancellationRequested)
                {
                    if (_owner.Consumption is { IsOpen: true })
                        _owner.Log.KeyQueueStuck(_owner.Endpoint, Key.Name, exception.Message, RetryDelay);
                    again = RetryDelay;
                }

                if (_isGone)
                    return;
                if (again == RestAfterReturn)
                    await Task.Delay(RestAfterReturn, _owner.Time, _removed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                else if (again is { } delay)
                    await Task.WhenAny(own is null ? Task.WhenAny(changed, left, whole) : Task.WhenAny(changed, left, whole, own), Task.Delay(delay, _owner.Time, _removed.Token)).ConfigureAwait(false);
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
        await _serving.WaitAsync(_removed.Token).ConfigureAwait(false);
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
            _deliveries = null;
            return Counting;
        }

        if (_deliveries is { } old && old.Consumption != consumption)
        {
            _deliveries = null;
            await old.AbandonAsync().ConfigureAwait(false);
        }

        if (!_isInUse && !TakeBack())
            return await LeaveAsync(consumption).ConfigureAwait(false) ? null : Counting;
        if (_deliveries is { IsCancelled: true })
        {
            _deliveries = null;
            await RestoreAsync(consumption.Channel.ConnectionContext.Connection).ConfigureAwait(false);
        }

        var limit = _limit.Get(_deliveries?.UnderWay ?? 0);
        if (_countedAt is not { } at || _owner.Time.GetElapsedTime(at) >= Counting)
            await CountAsync(consumption.Channel.ConnectionContext.Connection, isHeld: limit == 0).ConfigureAwait(false);
        if (limit == 0)
            return await HoldAsync().ConfigureAwait(false);
        if (_deliveries is not { ConsumerTag: not null })
            await ConsumeAsync(consumption).ConfigureAwait(false);
        if (!_deliveries!.TryDispatch(limit, _limit.RoundOfOthers))
            return RestAfterReturn;
        if (_deliveries.Waiting > 0)
            _limit.Want();
        if (!MayEnd || !_deliveries.IsEmpty)
            return Counting;
        return await TryEndAsync(consumption, _deliveries).ConfigureAwait(false) ? null : _lookForEnd;
    }

    /// <summary>Lets messages come to the queue, and says so before the first does.</summary>
    async Task OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await _owner.Register.SayAsync(new KeyEntry(Key.Name, KeyEntryState.Parked, "", EmptyAt: Parked.EmptyAt), cancellationToken).ConfigureAwait(false);
        await _owner.Broker.DeclareAsync(connection, Name, cancellationToken).ConfigureAwait(false);
        if (!_isReported)
            _owner.Log.KeyParked(_owner.Endpoint, Key.Name, Name);
        (_isDeclared, _isReported) = (true, true);
        lock (_lock)
            _isInUse = true;
    }

    async Task ConsumeAsync(KeyConsumption consumption)
    {
        var connection = consumption.Channel.ConnectionContext.Connection;
        await DeclareAsync(connection, isMissing: false, _removed.Token).ConfigureAwait(false);
        var deliveries = _deliveries ?? new KeyDeliveries(consumption, _owner.Time, Parked, _changed.Raise);
        _deliveries = deliveries;
        await _owner.ConsumeAsync(consumption, Name, deliveries, _removed.Token).ConfigureAwait(false);
    }

    /// <summary>The key is open. What was delivered before waits here; but not for so long that the broker would take the channel for hung.</summary>
    async Task<TimeSpan?> HoldAsync()
    {
        if (_deliveries is not { ConsumerTag: { } tag } deliveries)
            return Counting;
        var left = Whole.Options.MaxHold - deliveries.LongestWait;
        if (left > TimeSpan.Zero && !_owner.Stopping.IsCancellationRequested)
            return left < Counting ? left : Counting;
        deliveries.Rest();
        await deliveries.Consumption.Channel.BasicCancel(tag, CancellationToken.None).ConfigureAwait(false);
        await deliveries.LetGoAsync().ConfigureAwait(false);
        return Counting;
    }

    /// <summary>The broker has cancelled the consumer: mostly since the queue was deleted.</summary>
    async Task RestoreAsync(IConnection connection)
    {
        if (await KeyBroker.CountAsync(connection, Name, _removed.Token).ConfigureAwait(false) is not null)
            return;
        if (!_owner.IsDeletedElsewhere(Key))
            _owner.Log.KeyQueueDeleted(_owner.Endpoint, Name, Key.Name);
        await DeclareAsync(connection, isMissing: true, _removed.Token).ConfigureAwait(false);
    }

    /// <summary>Deletes the queue when nothing is in it, nor on its way to it.</summary>
    async Task<bool> TryEndAsync(KeyConsumption consumption, KeyDeliveries deliveries)
    {
        var connection = consumption.Channel.ConnectionContext.Connection;
        if (await CountAsync(connection, isHeld: false).ConfigureAwait(false) > 0)
            return false;
        CloseIfAllSucceeded();
        if (!await _end.IsOursAsync(connection, deliveries, _removed.Token).ConfigureAwait(false))
            return false;
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _topology.WaitAsync(_removed.Token).ConfigureAwait(false);
        try
        {
            lock (_lock)
            {
                if (_moves > 0 || !MayEnd)
                    return false;
                (_isWanted, _ending) = (false, ending);
            }

            using var given = CancellationTokenSource.CreateLinkedTokenSource(_removed.Token, _owner.Stopping);
            return await TryEndAsync(consumption, deliveries, given.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_owner.Stopping.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            _topology.Release();
            _ending = null;
            ending.SetResult();
        }
    }

    async Task<bool> TryEndAsync(KeyConsumption consumption, KeyDeliveries deliveries, CancellationToken cancellationToken)
    {
        var connection = consumption.Channel.ConnectionContext.Connection;
        _isDeclared = false;
        if (!await _end.IsEmptyAsync(connection, deliveries, cancellationToken).ConfigureAwait(false) || !TryConclude(deliveries))
        {
            _lookForEnd = _lookForEnd < Counting ? 2 * _lookForEnd : Counting;
            await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
            return false;
        }

        try
        {
            if (deliveries.ConsumerTag is { } tag)
                await consumption.Channel.BasicCancel(tag, CancellationToken.None).ConfigureAwait(false);
            await KeyBroker.DeleteAsync(connection, Name, CancellationToken.None).ConfigureAwait(false);
            await _owner.Register.SayAsync(new KeyEntry(Key.Name, KeyEntryState.Released, ""), CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // Whether it is there is not known: it is looked at again.
            _deliveries = null;
            lock (_lock)
                (_isInUse, _isGone) = (true, false);
            await deliveries.AbandonAsync().ConfigureAwait(false);
            throw;
        }

        _owner.Log.KeyUnparked(_owner.Endpoint, Key.Name);
        return true;
    }

    /// <summary>Fewer messages waited than the breaker wants to probe with. It would be half-open until the next ones come, which may be tomorrow.</summary>
    void CloseIfAllSucceeded()
    {
        if (Key.Breaker is { State: BreakerState.HalfOpen } own && own.GetSnapshot().Window is { Total: > 0 and var probes, Failures: 0 })
            own.Reset(string.Create(CultureInfo.InvariantCulture, $"{probes} of {probes} probes succeeded, and nothing else waits for the key"));
    }

    bool TryConclude(KeyDeliveries deliveries)
    {
        lock (_lock)
        {
            if (_moves > 0 || _isWanted || !deliveries.TryConclude())
                return false;
            _isInUse = false;
            return _isGone = true;
        }
    }

    /// <summary>How many messages wait, those included that were delivered and wait here; of a queue that is not there, none.</summary>
    /// <param name="connection">The endpoint's connection.</param>
    /// <param name="isHeld">No message is let through: none can leave by an instance's doing.</param>
    async Task<long> CountAsync(IConnection connection, bool isHeld)
    {
        _countedAt = _owner.Time.GetTimestamp();
        var (began, moved) = (_owner.Time.GetUtcNow(), Parked.Moved);
        var found = await KeyBroker.CountAsync(connection, Name, _removed.Token).ConfigureAwait(false);
        var (ready, deliveries) = (found?.MessageCount ?? 0, _deliveries);
        var count = ready + (deliveries?.Waiting ?? 0);
        if (isHeld && found is not null && _heldCount - count is > 0 and var gone)
            _owner.Log.KeyMessagesGone(_owner.Endpoint, gone, Name, Key.Name);
        // Another instance that has some of them may see that the key has closed before this one does.
        _heldCount = isHeld && (found?.ConsumerCount == 0 || _deliveries is { IsActive: true }) ? count : null;
        Parked.Count(count, deliveries?.UnderWay ?? 0, moved, isEmpty: ready == 0 && deliveries is { IsActive: true, IsEmpty: true }, began);
        return ready;
    }

    /// <summary>Another instance was about to delete the queue. If that one has died, or messages come from there, it is needed yet.</summary>
    bool TakeBack()
    {
        lock (_lock)
        {
            var isToStay = _endsElsewhereSince is { } since && !_hasEndedElsewhere
                && (_deliveries is { IsActive: true, IsCancelled: false } || _owner.Time.GetElapsedTime(since) > LongestEndElsewhere);
            if (isToStay)
                (_isInUse, _endsElsewhereSince) = (true, null);
            return isToStay;
        }
    }

    /// <summary>Another instance has deleted it; or it could not be made.</summary>
    /// <returns>False if it may be needed yet.</returns>
    async Task<bool> LeaveAsync(KeyConsumption consumption)
    {
        lock (_lock)
        {
            if (_isInUse || _moves > 0 || (_endsElsewhereSince is not null && !_hasEndedElsewhere && _deliveries is not { IsCancelled: true }))
                return false;
            _isGone = true;
        }

        if (_deliveries is { ConsumerTag: { } tag, IsCancelled: false })
            await consumption.Channel.BasicCancel(tag, CancellationToken.None).ConfigureAwait(false);
        return true;
    }
}
