using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>Makes sure that the queue of a key exists while it is needed, and that whoever has to find it knows of it.</summary>
sealed class KeyQueueDeclaration(KeyQueues owner, BreakerKey key, string queue, KeyQueueUse use, ParkedMessages parked)
{
    bool _isDeclared;
    bool _isReported;
    bool _isSettled;
    bool _mayBeNew = true;
    long? _declaredAt;
    int _deletionsServed;

    /// <summary>Held while the queue is declared or deleted.</summary>
    public AsyncLock Lock { get; } = new();

    /// <summary>The queue's entry in the register.</summary>
    public KeyEntry Entry => new(key.Name, KeyEntryState.Parked, "", EmptyAt: parked.EmptyAt, IsSettled: _isDeclared && Unsettled is null);

    /// <summary>How long a crash can still lose the queue, because it was declared recently; null if none can.</summary>
    TimeSpan? Unsettled => _declaredAt is { } at && KeyQueues.Settling - owner.Time.GetElapsedTime(at) is { Ticks: > 0 } left ? left : null;

    /// <summary>
    /// The register does not say yet that the queue is permanent. Until it does, each message there has a copy, so that whoever reads the register after
    /// a crash can put them there again.
    /// </summary>
    public bool NeedsCopies => _declaredAt is not null && !_isSettled;

    /// <param name="connection">The endpoint's connection.</param>
    /// <param name="isMissing">Whether the queue was found missing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task DeclareAsync(IConnection connection, bool isMissing, CancellationToken cancellationToken)
    {
        using var held = await Lock.EnterAsync(cancellationToken).ConfigureAwait(false);
        if (_isDeclared && !isMissing)
            return;
        await owner.Register.FollowAsync(connection, cancellationToken).ConfigureAwait(false);
        // An instance that is about to delete the queue has said so, and must finish before the queue is declared again.
        await AwaitClosingAsync(cancellationToken).ConfigureAwait(false);
        if (isMissing || _mayBeNew)
            (_declaredAt, _isSettled) = (owner.Time.GetTimestamp(), false);
        _mayBeNew = false;
        use.Want();
        await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a crash can no longer lose the queue, and says so.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (Unsettled is { } left)
            await Task.Delay(left, owner.Time, cancellationToken).ConfigureAwait(false);
        await SaySettledAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says that a crash can no longer lose the queue: from now on, the copies of its messages are not needed.</summary>
    public async Task SaySettledAsync(CancellationToken cancellationToken)
    {
        if (_isSettled || Entry is not { IsSettled: true } entry)
            return;
        await owner.Register.SayAsync(entry, cancellationToken).ConfigureAwait(false);
        _isSettled = true;
    }

    /// <summary>
    /// The broker has cancelled the consumer, mostly because the queue was deleted: by another instance, which says so, or by somebody else.
    /// </summary>
    public async Task RestoreAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await AwaitClosingAsync(cancellationToken).ConfigureAwait(false);
        var isByAnother = use.Deletions != _deletionsServed;
        _deletionsServed = use.Deletions;
        if (!use.IsInUse || await KeyBroker.CountAsync(connection, queue, cancellationToken).ConfigureAwait(false) is not null)
            return;
        if (!isByAnother)
            owner.Log.KeyQueueDeleted(owner.Endpoint, queue, key.Name);
        await DeclareAsync(connection, isMissing: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The holder of the <see cref="Lock"/> is about to delete the queue. It must be declared again before it is used.</summary>
    public void Withdraw() => _isDeclared = false;

    /// <summary>The queue was not deleted after all.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        await owner.Register.SayAsync(Entry, cancellationToken).ConfigureAwait(false);
        _isDeclared = true;
    }

    /// <summary>Another instance has deleted the queue.</summary>
    public void HasEndedElsewhere() => (_isDeclared, _mayBeNew) = (false, true);

    async Task AwaitClosingAsync(CancellationToken cancellationToken)
    {
        await owner.Register.SyncAsync(cancellationToken).ConfigureAwait(false);
        await owner.Closings.WaitAsync(key.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the queue for messages, and says so before the first one arrives.</summary>
    async Task OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await owner.Register.SayAsync(Entry, cancellationToken).ConfigureAwait(false);
        await owner.Broker.DeclareAsync(connection, queue, cancellationToken).ConfigureAwait(false);
        if (!_isReported)
            owner.Log.KeyParked(owner.Endpoint, key.Name, queue);
        (_isDeclared, _isReported) = (true, true);
        use.Open();
    }
}
