using System.Collections.Immutable;
using System.IO.Hashing;
using MassTransit;
using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>A message on its way through a guarded endpoint, with one attempt for each breaker that guards it.</summary>
sealed class InFlightMessage(ImmutableArray<BreakerAttempt> attempts, ConsumeContext? context, TimeProvider time, CancellationToken cancellationToken)
{
    static readonly AsyncLocal<InFlightMessage?> Ambient = new();

    // When the latest run reached the consumer, which may be long after the run began.
    long _startedAt;
    bool _isAtOnce;
    RareState? _rare;

    /// <summary>The message that the running code belongs to. Calls are attributed to it while it <see cref="IsRunning"/>.</summary>
    public static InFlightMessage? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public ImmutableArray<BreakerAttempt> Attempts => attempts;

    public Guid? MessageId => context?.MessageId;

    /// <summary>The message's key in a partitioned breaker; null if it has none.</summary>
    public BreakerKey? BreakerKey
    {
        get
        {
            foreach (var attempt in attempts)
                if (attempt.Key is { } key)
                    return key;
            return null;
        }
    }

    /// <summary>
    /// Identifies the message when it is delivered again: its id or, if it has none, as from senders in other languages, a hash of its body.
    /// The routing key is not used, because it changes when the message is put at the end of its queue.
    /// </summary>
    public Guid Key => KeyOf(MessageId, Delivery);

    /// <summary>Its turn among the messages of its key, until it begins; null if it could begin at once.</summary>
    public KeyTurn? Turn
    {
        get => _rare?.Turn;
        set => (_rare ??= new RareState()).Turn = value;
    }

    /// <summary>It waited in the queue of its key.</summary>
    public bool IsFromKeyQueue { get; init; }

    /// <summary>Null for a batch, which is not a delivery itself.</summary>
    public ReceiveContext? Delivery => context?.ReceiveContext;

    public TimeProvider Time => time;

    /// <summary>Cancelled when the message is, for example when its endpoint stops.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The failure of the latest run is the message's own.</summary>
    public bool IsCharged { get; set; }

    /// <summary>Whether a failure now would still leave its fate undecided.</summary>
    public bool AwaitsVerdict => !IsCharged && attempts.Any(attempt =>
        attempt.Breaker.Mode == BreakerMode.Enforcing && !attempt.IsCharged && (attempt.Permit.IsProbe || attempt.Breaker.Options.WaitForVerdict));

    /// <summary>
    /// The message is part of a batch, and the batch asks for permits and is counted. The message holds no permit while the batch is being
    /// collected.
    /// </summary>
    public bool IsBatched { get; set; }

    /// <summary>Its consumer runs.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The latest run has been counted, as part of a batch.</summary>
    public bool IsConcluded { get; private set; }

    /// <summary>A consumer has begun to handle it, successfully or not.</summary>
    public bool HasRun { get; private set; }

    /// <summary>A consumer has handled it.</summary>
    public bool IsHandled { get; set; }

    /// <summary>The answer to a request instead of handling or returning it; null for anything else.</summary>
    public Exception? Answer
    {
        get => _rare?.Answer;
        set => (_rare ??= new RareState()).Answer = value;
    }

    /// <inheritdoc cref="Key"/>
    public static Guid KeyOf(Guid? messageId, ReceiveContext? delivery) => messageId ?? new Guid(XxHash128.Hash(delivery?.Body.GetBytes() ?? []));

    public BreakerAttempt? Find(CircuitBreaker breaker)
    {
        foreach (var attempt in attempts)
            if (attempt.Guard == breaker)
                return attempt;
        return null;
    }

    /// <summary>
    /// Asks every breaker for a permit, or any of a group of alternatives. If one refuses, the permits of the others are given back.
    /// </summary>
    /// <returns>The breaker that refused; null if all granted.</returns>
    public CircuitBreaker? TryAcquireAll()
    {
        foreach (var attempt in attempts)
        {
            if (attempt.Alternatives is not { } group ? attempt.TryAcquire()
                : !AlternativeAttempt.IsFirstOf(attempt, group) || AlternativeAttempt.TryAcquireAny(attempts, group))
                continue;
            GiveBackAll();
            return attempt.Breaker;
        }

        return null;
    }

    /// <summary>A new run begins.</summary>
    public void Begin(long now) => (IsRunning, HasRun, IsConcluded, IsCharged, _startedAt) = (true, true, false, false, now);

    /// <summary>A new run of the rest of the pipe begins.</summary>
    public Task RunAsync(IPipe<ConsumeContext> next, ConsumeContext context, long now)
    {
        Begin(now);
        _isAtOnce = true;
        var running = next.Send(context);
        _isAtOnce = false;
        EndTurn();
        return running;
    }

    public void End() => IsRunning = false;

    /// <summary>Whether its latest run began longer ago than that.</summary>
    public bool BeganBefore(TimeSpan ago) => HasRun && time.GetElapsedTime(_startedAt) > ago;

    public void EndTurn()
    {
        if (Turn is not { } turn)
            return;
        turn.Dispose();
        Turn = null;
    }

    /// <inheritdoc cref="BreakerAttempt.CountIfOverdue"/>
    public void CountIfOverdue(CircuitBreaker breaker, long now)
    {
        if (IsRunning && !IsBatched)
            Find(breaker)?.CountIfOverdue(_startedAt, now);
    }

    /// <summary>The run reaches the consumer. It may have waited since it was admitted, so a breaker may have opened.</summary>
    /// <exception cref="BreakerOpenException">A breaker has opened since.</exception>
    public void Start()
    {
        foreach (var attempt in attempts)
        {
            if (attempt.Alternatives is not { } group ? attempt.TryBegin()
                : !AlternativeAttempt.IsFirstOf(attempt, group) || AlternativeAttempt.TryBeginAny(attempts, group))
                continue;
            GiveBackAll();
            throw attempt.Alternatives?.Refusal() ?? attempt.Breaker.Refusal();
        }

        // Without a wait, the consumer starts when the run does. Reading the clock is a considerable part of a message's cost.
        if (!_isAtOnce)
            _startedAt = time.GetTimestamp();
    }

    /// <summary>Counts the run, once, and says what it means for each breaker.</summary>
    public void Conclude(Exception? exception, long endedAt)
    {
        var used = AlternativeAttempt.UsedOf(attempts);
        var atFault = exception is null ? null : FindAtFault(used, exception);
        foreach (var attempt in attempts)
        {
            if (attempt.Alternatives is not null && !used.Contains(attempt))
            {
                attempt.ConcludeUnused(exception, _startedAt);
                continue;
            }

            // The batch failed before it reached its consumer: nothing else counts that, and which messages belong together is not known.
            if (IsBatched && exception is not null)
                attempt.TryBegin();
            attempt.Conclude(exception, OthersOf(used, attempt, atFault, exception), _startedAt, endedAt);
        }
    }

    /// <summary>The run was given up, and will be repeated whoever was at fault.</summary>
    public void Refuse()
    {
        foreach (var attempt in attempts)
            attempt.Refuse();
    }

    /// <summary>Takes over the result of its batch.</summary>
    public void Adopt(InFlightMessage batch)
    {
        foreach (var attempt in attempts)
            if (batch.Find(attempt.Guard) is { } whole)
                attempt.Adopt(whole);
        IsConcluded = true;
    }

    public void GiveBackAll()
    {
        foreach (var attempt in attempts)
            attempt.GiveBack();
    }

    static BreakerAttempt? FindAtFault(ImmutableArray<BreakerAttempt> used, Exception exception) =>
        used.Length < 2 ? null : used.FirstOrDefault(attempt => attempt.Explains(exception));

    static OtherDependencies OthersOf(ImmutableArray<BreakerAttempt> used, BreakerAttempt attempt, BreakerAttempt? atFault, Exception? exception)
    {
        if (used.Length < 2)
            return OtherDependencies.None;
        return atFault is null || atFault == attempt || attempt.Explains(exception!) ? OtherDependencies.Unclear : OtherDependencies.AtFault;
    }

    /// <summary>What few messages have: the others are to be small.</summary>
    sealed class RareState
    {
        public KeyTurn? Turn { get; set; }

        public Exception? Answer { get; set; }
    }
}
