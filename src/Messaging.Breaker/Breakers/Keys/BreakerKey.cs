using System.Collections.Immutable;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Breakers.Keys;

/// <summary>
/// One key of a partitioned breaker. It has its own breaker from its first failure until it has been healthy for a while. A key that does not fail is
/// only a name and two numbers. Thread-safe.
/// </summary>
sealed class BreakerKey(string name, Partition partition)
{
    const int Forgotten = int.MinValue / 2;

    AsyncSignal? _left;
    volatile CircuitBreaker? _breaker;
    int _underWay;
    ImmutableArray<ParkedMessages> _queues = [];
    int _isFailing;
    int _runs;

    public string Name => name;

    public Partition Partition => partition;

    /// <summary>Null while the key has not failed.</summary>
    public CircuitBreaker? Breaker => _breaker;

    /// <summary>The breaker that currently judges the key's calls: its own, if it has one and the breaker of the whole is closed.</summary>
    public CircuitBreaker Acting => _breaker is { } own && partition.Whole.State == BreakerState.Closed ? own : partition.Whole;

    /// <summary>When its latest message arrived, in the partition's ticks.</summary>
    public int LastTick { get; private set; }

    /// <summary>How many of its messages are in flight in this process, including those that wait.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>How many of its messages were handled or failed in this process.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>Whether its messages are held back, or let through only as probes.</summary>
    public bool IsKept => _breaker is { } own && (own.IsRefusing || own.ProbeLimit is not null);

    /// <summary>Whether an endpoint has a queue for it.</summary>
    public bool HasQueue => !_queues.IsEmpty;

    /// <summary>How many of its messages waited in its queues at the latest count.</summary>
    public long Parked => _queues.Sum(queue => queue.Messages ?? 0);

    /// <summary>Whether each of its queues has been counted at least once.</summary>
    public bool IsCounted => _queues.All(queue => queue.Messages is not null);

    /// <inheritdoc cref="ParkedMessages.Bytes"/>
    public long? ParkedBytes => _queues.Aggregate((long?)0, (sum, queue) => sum + queue.Bytes);

    /// <inheritdoc cref="ParkedMessages.OldestAt"/>
    public DateTimeOffset? OldestParkedAt => _queues.Min(queue => queue.OldestAt);

    /// <summary>Completes when one of its messages is no longer in flight. Take it before you check the condition that you wait for.</summary>
    public Task Left => LazyInitializer.EnsureInitialized(ref _left).Next;

    /// <summary>One of its messages has arrived.</summary>
    /// <returns>False if the key was forgotten in the meantime: another key of that name exists, or will be created.</returns>
    public bool TryEnter(int tick)
    {
        if (Interlocked.Increment(ref _underWay) <= 0)
        {
            Interlocked.Decrement(ref _underWay);
            return false;
        }

        if (LastTick != tick)
            LastTick = tick;
        return true;
    }

    /// <summary>The message is no longer in flight.</summary>
    /// <param name="hasRun">Whether its handler has ended; if not, the message went elsewhere.</param>
    public void Leave(bool hasRun)
    {
        Interlocked.Decrement(ref _underWay);
        // Need not be atomic: readers only need to see it change.
        if (hasRun)
            Volatile.Write(ref _runs, _runs + 1);
        Volatile.Read(ref _left)?.Raise();
    }

    public void AddQueue(ParkedMessages queue) => ImmutableInterlocked.Update(ref _queues, all => all.Add(queue));

    public void RemoveQueue(ParkedMessages queue) => ImmutableInterlocked.Update(ref _queues, all => all.Remove(queue));

    /// <summary>Its own breaker, created at its first failure, or when an operator or the fleet needs it.</summary>
    public CircuitBreaker GetOrCreateBreaker()
    {
        if (_breaker is { } known)
            return known;
        lock (this)
            return _breaker ??= partition.CreateBreaker(this);
    }

    /// <summary>Applies what another instance says of the key. If the end has already passed, probing begins.</summary>
    public void Adopt(BreakerState state, string reason, DateTimeOffset? until, string instance)
    {
        var own = GetOrCreateBreaker();
        if (own.State == BreakerState.Closed && state == BreakerState.Closed)
            return;
        var cause = state switch
        {
            BreakerState.Closed => TransitionCause.ProbesSucceeded,
            BreakerState.Isolated => TransitionCause.Operator,
            _ => TransitionCause.ConsecutiveFailures,
        };
        var left = until - own.Clock.UtcNow ?? (state == BreakerState.Open ? own.Options.BreakDuration : null as TimeSpan?);
        while (!own.Adopt(new FleetDecision(own.Generation, state, own.Mode, cause, reason, own.Clock.After(left), new Origin(true, instance))))
        {
            // The breaker has changed meanwhile: try again.
        }
    }

    /// <summary>Reports an attempt's result to the breaker of the whole. A key that keeps failing counts there as one failure.</summary>
    public void Tell(CircuitBreaker whole, Outcome outcome, long startedAt, long now)
    {
        if (outcome == Outcome.Ignored || whole.State != BreakerState.Closed)
            return;
        var isFailing = outcome == Outcome.Failure ? 1 : 0;
        if (Volatile.Read(ref _isFailing) != isFailing)
            Volatile.Write(ref _isFailing, isFailing);
        else if (isFailing == 1)
            return;
        whole.Record(whole.TryAcquire(), outcome, startedAt, 0, now);
    }

    /// <summary>Counts a call outside a message.</summary>
    /// <param name="acting">The breaker that admitted it.</param>
    /// <param name="finding">What it says about the dependency.</param>
    /// <param name="thrown">What the call threw; null if it was answered.</param>
    /// <param name="startedAt">When it began.</param>
    /// <param name="now">When it ended.</param>
    /// <returns>False if the breaker that admitted the call has to count it.</returns>
    public bool TryRecord(CircuitBreaker acting, Classification finding, Exception? thrown, long startedAt, long now)
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

    /// <summary>Forgets the key, if none of its messages is in flight and there is nothing to remember.</summary>
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
