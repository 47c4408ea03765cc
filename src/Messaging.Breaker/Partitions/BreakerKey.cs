using System.Collections.Immutable;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Partitions;

/// <summary>
/// One key of a partitioned breaker. It has a breaker of its own from its first failure on, until it has been healthy for a while: a key that
/// does not fail is only a name and two numbers. Thread-safe.
/// </summary>
sealed class BreakerKey(string name, Partition partition)
{
    const int Forgotten = int.MinValue / 2;

    readonly Lock _lock = new();
    readonly Signal _left = new();
    volatile CircuitBreaker? _breaker;
    int _underWay;
    ImmutableArray<ParkedMessages> _queues = [];
    int _isFailing;
    int _isLeaveAwaited;
    int _runs;

    public string Name => name;

    public Partition Partition => partition;

    /// <summary>Null while the key has not failed.</summary>
    public CircuitBreaker? Breaker => _breaker;

    /// <summary>The breaker that judges the key's calls now: its own, unless that of the whole is not closed, or there is none.</summary>
    public CircuitBreaker Acting => _breaker is { } own && partition.Whole.State == BreakerState.Closed ? own : partition.Whole;

    /// <summary>When a message of it came last, in the partition's ticks.</summary>
    public int LastTick { get; private set; }

    /// <summary>How many messages of it are under way in this process, those that wait included.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>How many of its messages have been handled, or have failed, in this process.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>Its messages are kept from the dependency, or only let through as probes.</summary>
    public bool IsKept => _breaker is { } own && (own.IsRefusing || own.ProbeLimit is not null);

    /// <summary>An endpoint has a queue for it.</summary>
    public bool HasQueue => !_queues.IsEmpty;

    /// <summary>How many of its messages wait in queues of it, as they were counted last.</summary>
    public long Parked => _queues.Sum(queue => queue.Messages ?? 0);

    /// <summary>They have been counted at least once.</summary>
    public bool IsCounted => _queues.All(queue => queue.Messages is not null);

    /// <inheritdoc cref="ParkedMessages.Bytes"/>
    public long? ParkedBytes => _queues.Aggregate((long?)0, (sum, queue) => sum + queue.Bytes);

    /// <inheritdoc cref="ParkedMessages.OldestAt"/>
    public DateTimeOffset? OldestParkedAt => _queues.Min(queue => queue.OldestAt);

    /// <summary>Completes when a message of it is no longer under way. To be taken before the look at what is waited for.</summary>
    public Task Left
    {
        get
        {
            Volatile.Write(ref _isLeaveAwaited, 1);
            return _left.Next;
        }
    }

    /// <summary>A message of it has come.</summary>
    /// <returns>False if the key was forgotten meanwhile: there is another of the name, or will be.</returns>
    public bool TryEnter(int tick)
    {
        if (Interlocked.Increment(ref _underWay) <= 0)
        {
            Interlocked.Decrement(ref _underWay);
            return false;
        }

        if (LastTick != tick)
            LastTick = tick;
        partition.Enter();
        return true;
    }

    /// <summary>The message is no longer under way.</summary>
    /// <param name="hasRun">Its handler has ended; otherwise it went elsewhere.</param>
    public void Leave(bool hasRun)
    {
        partition.Leave();
        Interlocked.Decrement(ref _underWay);
        if (hasRun)
            Interlocked.Increment(ref _runs);
        if (Volatile.Read(ref _isLeaveAwaited) != 0)
            _left.Raise();
    }

    public void AddQueue(ParkedMessages queue) => ImmutableInterlocked.Update(ref _queues, all => all.Add(queue));

    public void RemoveQueue(ParkedMessages queue) => ImmutableInterlocked.Update(ref _queues, all => all.Remove(queue));

    /// <summary>Its own breaker, from its first failure on or because an operator or the fleet says so.</summary>
    public CircuitBreaker GetOrCreateBreaker()
    {
        if (_breaker is { } known)
            return known;
        lock (_lock)
            return _breaker ??= partition.CreateBreaker(this);
    }

    /// <summary>Tells the breaker of the whole what came of an attempt. A key that goes on failing is one failure, and the rest its own affair.</summary>
    public void Tell(CircuitBreaker whole, Outcome outcome, long startedAt, long now)
    {
        if (outcome == Outcome.Ignored || whole.State != BreakerState.Closed)
            return;
        var isFailing = outcome == Outcome.Failure ? 1 : 0;
        if (Interlocked.Exchange(ref _isFailing, isFailing) == 1 && isFailing == 1)
            return;
        whole.Record(whole.TryAcquire(), outcome, startedAt, 0, now);
    }

    /// <summary>Counts a call outside of a message.</summary>
    /// <param name="acting">The breaker that admitted it.</param>
    /// <param name="finding">What it says.</param>
    /// <param name="thrown">What it threw; null if it was answered.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="now">When it ended.</param>
    /// <returns>False if the breaker that admitted it has to count it.</returns>
    public bool TryRecord(CircuitBreaker acting, Finding finding, Exception? thrown, long startedAt, long now)
    {
        var whole = partition.Whole;
        if (acting != whole)
        {
            Tell(whole, finding.Outcome, startedAt, now);
            return false;
        }

        if (finding.Outcome != Outcome.Failure || whole.State != BreakerState.Closed)
            return false;
        partition.Get(name).GetOrCreateBreaker().Record(Permit.OfFirstState, finding, thrown, startedAt, now - startedAt, now);
        Tell(whole, finding.Outcome, startedAt, now);
        return true;
    }

    /// <summary>Forgets it, if nothing of it is under way and nothing is to be remembered.</summary>
    public bool TryForget()
    {
        if (HasQueue || _breaker is { } own && (own.State != BreakerState.Closed || own.Mode != BreakerMode.Enforcing && partition.Whole.Mode == BreakerMode.Enforcing))
            return false;
        if (Interlocked.CompareExchange(ref _underWay, Forgotten, 0) != 0)
            return false;
        _breaker?.Dispose();
        return true;
    }
}
