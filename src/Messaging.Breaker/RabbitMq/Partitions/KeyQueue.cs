using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// The queue of one key of an endpoint. The key's messages are moved here in order and go from here to the endpoint's consumer: none while the key is
/// open, probes while it is half-open, and up to its share afterwards, until the queue is empty and can be deleted. One serial loop does all of this.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle, and a source without a timer, hold nothing.")]
sealed class KeyQueue
{
    // Otherwise a message that was just refused would be tried again thousands of times a second, and one that is held up looked for as often.
    static readonly TimeSpan ShortRest = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Counting = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LookForEnd = TimeSpan.FromMilliseconds(250);
    // The instance that was about to delete the queue has not said whether it did. After this time, it may have died.
    public static readonly TimeSpan LongEndElsewhere = TimeSpan.FromSeconds(5);
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(1);
    // While copies cannot be trusted yet, the instance that declared the queue publishes nothing to it until it has settled. Nobody deletes it before
    // that.
    static readonly TimeSpan ShortestUse = KeyQueues.Settling + TimeSpan.FromSeconds(1.5);

    readonly KeyQueues _owner;
    readonly SemaphoreSlim _serving = new(1);
    readonly AsyncSignal _changed = new();
    readonly CancellationTokenSource _removed = new();
    readonly KeyLimit _limit;
    readonly HashSet<string> _tried = [];
    readonly KeyQueueCount _count;
    readonly KeyQueueEnd _end;
    volatile TaskCompletionSource? _ending;
    KeyDeliveries? _deliveries;
    TimeSpan _lookForEnd = LookForEnd;

    /// <param name="owner">The queues of the endpoint's keys.</param>
    /// <param name="key">The key.</param>
    /// <param name="isKnown">Whether the register lists the queue.</param>
    /// <param name="emptyAt">When the queue was empty; null if that is not known.</param>
    public KeyQueue(KeyQueues owner, BreakerKey key, bool isKnown, DateTimeOffset? emptyAt)
    {
        (_owner, Key, Name) = (owner, key, owner.Names.QueueOf(key.Name));
        Use = new KeyQueueUse(owner.Time, isKnown);
        Parked = new ParkedMessages(key.Partition.ParkedSizes, emptyAt);
        Declaration = new KeyQueueDeclaration(owner, key, Name, Use, Parked);
        _count = new KeyQueueCount(owner, key, Name, Parked);
        (_limit, _end) = (new KeyLimit(owner, key), new KeyQueueEnd(owner, key.Name, Name));
        key.AddQueue(Parked);
    }

    public BreakerKey Key { get; }

    public string Name { get; }

    public ParkedMessages Parked { get; }

    public KeyQueueUse Use { get; }

    public KeyQueueDeclaration Declaration { get; }

    CircuitBreaker Whole => Key.Partition.Whole;

    /// <summary>Completes when it is decided whether the queue, which seems to be empty, is deleted; null while it does not seem empty.</summary>
    public Task? Ending => _ending?.Task;

    /// <summary>The queue of a half-open key can be deleted too, because later messages are moved to a new queue.</summary>
    bool MayEnd => Whole.State == BreakerState.Closed && (Key.Breaker is null or { State: BreakerState.Closed or BreakerState.HalfOpen });

    public void Begin()
    {
        // Otherwise the loop would inherit the AsyncLocals of whoever needs the queue.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(RunAsync);
    }

    public void Reconsider() => _changed.Raise();

    /// <summary>The endpoint is about to be stopped. Returns when nothing more comes from this queue.</summary>
    public async Task StopAsync()
    {
        if (await _serving.WaitAsync(LongestStop).ConfigureAwait(false))
            _serving.Release();
    }

    public void EndMove()
    {
        Use.EndMove();
        _changed.Raise();
    }

    /// <summary>Puts a message in flight back in its place.</summary>
    public bool TryReturn(ulong tag) => _deliveries?.TryReturn(tag) == true;

    /// <inheritdoc cref="KeyQueueEnd.AwaitAnswerAsync"/>
    public Task AwaitAnswerAsync(IConnection connection, CancellationToken cancellationToken) => _end.AwaitAnswerAsync(connection, cancellationToken);

    /// <summary>Another instance says that it has deleted the queue.</summary>
    public void HasEndedElsewhere()
    {
        Declaration.HasEndedElsewhere();
        Use.HasEndedElsewhere();
        _changed.Raise();
    }

    /// <summary>Another instance says that it moves messages to this queue.</summary>
    /// <param name="isWanted">Whether it is about to begin.</param>
    /// <returns>False if the queue is gone and another has to be declared.</returns>
    public bool TryKeep(bool isWanted)
    {
        var isKept = Use.TryKeep(isWanted);
        _changed.Raise();
        return isKept;
    }

    /// <summary>The endpoint is removed, or its bus is stopped for good.</summary>
    public void End()
    {
        _removed.Cancel();
        Use.End();
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

                if (Use.IsGone)
                    return;
                if (again == ShortRest)
                    await Task.Delay(ShortRest, _owner.Time, _removed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    /// <returns>The longest wait until the next look; null for none.</returns>
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

        if (Use.TryLeave())
        {
            if (_deliveries is { ConsumerTag: { } tag, IsCancelled: false } left)
                await left.Consumption.CancelAsync(tag).ConfigureAwait(false);
            return null;
        }

        if (_deliveries is { IsCancelled: true })
        {
            _deliveries = null;
            await Declaration.RestoreAsync(consumption.Connection, _removed.Token).ConfigureAwait(false);
            return null;
        }

        var limit = _limit.Get(_deliveries?.UnderWay ?? 0, _deliveries?.OthersTriedIn);
        if (_count.IsDue(Counting))
        {
            await _count.CountAsync(consumption.Connection, _deliveries, isHeld: limit == 0, _removed.Token).ConfigureAwait(false);
            await Declaration.SaySettledAsync(_removed.Token).ConfigureAwait(false);
        }

        if (limit == 0)
            return await HoldAsync().ConfigureAwait(false);
        if (_deliveries is not { ConsumerTag: not null })
            await ConsumeAsync(consumption).ConfigureAwait(false);
        await TakeBackAsync(consumption, _deliveries!).ConfigureAwait(false);
        if (!_deliveries!.TryDispatch(limit, _limit.RoundOfOthers, _limit.IsFirstLeftOut, () => _owner.IsHeldUp(Key)))
            return ShortRest;
        if (_deliveries.Waiting > 0)
            _limit.Want();
        if (!MayEnd || !_deliveries.IsEmpty)
            return Counting;
        if (ShortestUse - Use.SinceWanted is { Ticks: > 0 } use)
            return use;
        return await TryEndAsync(consumption, _deliveries).ConfigureAwait(false) ? null : _lookForEnd;
    }

    async Task ConsumeAsync(KeyConsumption consumption)
    {
        await Declaration.DeclareAsync(consumption.Connection, isMissing: false, _removed.Token).ConfigureAwait(false);
        await _end.AwaitAnswerAsync(consumption.Connection, _removed.Token).ConfigureAwait(false);
        var deliveries = _deliveries ?? new KeyDeliveries(consumption, _owner.Time, Parked, _tried, _changed.Raise);
        _deliveries = deliveries;
        deliveries.ConsumerTag = await consumption.ConsumeAsync(Name, _owner.Prefetch, deliveries, _removed.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// The key is open. Messages that were delivered before wait here, but not for so long that the broker would take the channel for hung: before
    /// that, they are delivered anew. The consumer stays until its channel is closed, which returns all messages at once. Without the consumer,
    /// another instance would get later messages and find the queue empty.
    /// </summary>
    async Task<TimeSpan?> HoldAsync()
    {
        if (_deliveries is not { ConsumerTag: not null } deliveries || _owner.Stopping.IsCancellationRequested || !_owner.Broker.LimitsHolding(deliveries.Consumption.Connection))
            return Counting;
        var left = Whole.Options.MaxHold - deliveries.LongestWait;
        if (left > TimeSpan.Zero)
            return left < Counting ? left : Counting;
        await deliveries.LetGoAsync().ConfigureAwait(false);
        return Counting;
    }

    /// <summary>
    /// Another instance said long ago that it was about to delete the queue, but not whether it did. If messages from the queue reach this instance,
    /// the other one has died or can no longer delete it.
    /// </summary>
    async Task TakeBackAsync(KeyConsumption consumption, KeyDeliveries deliveries)
    {
        if (_owner.Closings.Since(Key.Name) is not { } since || since < LongEndElsewhere
            || !await _end.IsOursAsync(consumption.Connection, deliveries, _removed.Token).ConfigureAwait(false))
            return;
        await _owner.Register.SayAsync(Declaration.Entry, _removed.Token).ConfigureAwait(false);
        _owner.Closings.Void(Key.Name);
    }

    /// <summary>Deletes the queue when it is empty and no message is on its way to it.</summary>
    async Task<bool> TryEndAsync(KeyConsumption consumption, KeyDeliveries deliveries)
    {
        var connection = consumption.Connection;
        if (await _count.CountAsync(connection, deliveries, isHeld: false, _removed.Token).ConfigureAwait(false) > 0)
            return false;
        CloseIfAllSucceeded();
        if (!await _end.IsOursAsync(connection, deliveries, _removed.Token).ConfigureAwait(false))
            return false;
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var held = await Declaration.Lock.EnterAsync(_removed.Token).ConfigureAwait(false);
        try
        {
            if (!Use.TryBeginEnd() || !MayEnd)
                return false;
            _ending = ending;
            using var given = CancellationTokenSource.CreateLinkedTokenSource(_removed.Token, _owner.Stopping);
            return await TryEndAsync(consumption, deliveries, given.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_owner.Stopping.IsCancellationRequested)
        {
            await _owner.TellAsync(Declaration.Entry).ConfigureAwait(false);
            return false;
        }
        finally
        {
            _ending = null;
            ending.SetResult();
        }
    }

    async Task<bool> TryEndAsync(KeyConsumption consumption, KeyDeliveries deliveries, CancellationToken cancellationToken)
    {
        var connection = consumption.Connection;
        Declaration.Withdraw();
        if (!await _end.IsEmptyAsync(connection, deliveries, cancellationToken).ConfigureAwait(false) || !Use.TryConclude(deliveries))
        {
            _lookForEnd = _lookForEnd < Counting ? 2 * _lookForEnd : Counting;
            await Declaration.KeepAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }

        try
        {
            if (deliveries.ConsumerTag is { } tag)
                await consumption.CancelAsync(tag).ConfigureAwait(false);
            await KeyBroker.DeleteAsync(connection, Name, CancellationToken.None).ConfigureAwait(false);
            await _owner.Register.SayAsync(new KeyEntry(Key.Name, KeyEntryState.Released, ""), CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // It is not known whether the queue still exists. Look again.
            _deliveries = null;
            Use.Open();
            await deliveries.AbandonAsync().ConfigureAwait(false);
            throw;
        }

        _owner.Log.KeyUnparked(_owner.Endpoint, Key.Name);
        return true;
    }

    /// <summary>
    /// Closes the breaker if fewer messages waited than it wants as probes. Otherwise it would stay half-open until the next ones come, perhaps
    /// tomorrow.
    /// </summary>
    void CloseIfAllSucceeded()
    {
        if (Key.Breaker is { State: BreakerState.HalfOpen } own && own.GetSnapshot().Window is { Total: > 0 and var probes, Failures: 0 })
            own.Reset(string.Create(CultureInfo.InvariantCulture, $"{probes} of {probes} probes succeeded, and nothing else waits for the key"));
    }
}
