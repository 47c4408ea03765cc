using System.Collections.Immutable;
using MassTransit;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Attribution;

/// <summary>A message on its way through a guarded endpoint, with one passage for each breaker that guards it.</summary>
sealed class MessageHandling(ImmutableArray<Passage> passages, ConsumeContext? context, TimeProvider time, CancellationToken cancellationToken)
{
    static readonly AsyncLocal<MessageHandling?> Ambient = new();

    // When the latest run reached the consumer, which may have been long after the run began.
    long _startedAt;
    bool _isAtOnce;

    /// <summary>The message to which the running code belongs. Calls are attributed to it while it <see cref="IsRunning"/>.</summary>
    public static MessageHandling? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public ImmutableArray<Passage> Passages => passages;

    public Guid? MessageId => context?.MessageId;

    /// <summary>Null for a batch, which is no delivery of its own.</summary>
    public ReceiveContext? Delivery => context?.ReceiveContext;

    public TimeProvider Time => time;

    /// <summary>Cancelled when the message is, as when its endpoint stops.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The failure of the latest run is the message's own.</summary>
    public bool IsCharged { get; set; }

    /// <summary>Were it to fail now, that would not yet decide its fate.</summary>
    public bool AwaitsVerdict => !IsCharged && passages.Any(passage =>
        passage.Breaker.Mode == BreakerMode.Enforcing && !passage.IsCharged && (passage.Permit.IsProbe || passage.Breaker.Options.WaitForVerdict));

    /// <summary>
    /// The message is one of a batch, which is the unit that asks for permits and is counted: the message holds none while the batch is
    /// being collected.
    /// </summary>
    public bool IsBatched { get; set; }

    /// <summary>Its consumer runs.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The latest run has been counted, as part of a batch.</summary>
    public bool IsConcluded { get; private set; }

    /// <summary>What a request is to be answered with instead of being handled or returned; null for anything else.</summary>
    public Exception? Answer { get; set; }

    public Passage? Find(CircuitBreaker breaker)
    {
        foreach (var passage in passages)
            if (passage.Breaker == breaker)
                return passage;
        return null;
    }

    /// <summary>Asks every breaker for a permit; if one refuses, those of the others are given back.</summary>
    /// <returns>The breaker that refused; null if all granted.</returns>
    public CircuitBreaker? TryAcquireAll()
    {
        foreach (var passage in passages)
        {
            if (passage.TryAcquire())
                continue;
            GiveBackAll();
            return passage.Breaker;
        }

        return null;
    }

    /// <summary>A new run begins.</summary>
    public void Begin(long now) => (IsRunning, IsConcluded, IsCharged, _startedAt) = (true, false, false, now);

    /// <summary>A new run begins, down the rest of the pipe.</summary>
    public Task RunAsync(IPipe<ConsumeContext> next, ConsumeContext context, long now)
    {
        Begin(now);
        _isAtOnce = true;
        var running = next.Send(context);
        _isAtOnce = false;
        return running;
    }

    public void End() => IsRunning = false;

    /// <summary>The run reaches the consumer. It may have waited since it was admitted, and what was true then need not be so now.</summary>
    /// <exception cref="BreakerOpenException">A breaker has opened since.</exception>
    public void Start()
    {
        foreach (var passage in passages)
        {
            if (passage.TryBeginCall())
                continue;
            GiveBackAll();
            throw passage.Breaker.Refusal();
        }

        // Reached without a wait, the consumer starts when the run does: a look at the clock is a good part of what a message costs.
        if (!_isAtOnce)
            _startedAt = time.GetTimestamp();
    }

    /// <summary>Counts the run, once, and says what it means for each breaker.</summary>
    public void Conclude(Exception? exception, long endedAt)
    {
        var explains = exception is null ? null : FindExplanation(exception);
        foreach (var passage in passages)
        {
            // The batch has failed before it came to its consumer: nobody else counts that, and nobody knows who belongs together.
            if (IsBatched && exception is not null)
                passage.TryBeginCall();
            passage.Conclude(exception, explains is not null && explains != passage, _startedAt, endedAt);
        }
    }

    /// <summary>The run was given up, and is to be tried again whoever's fault it was.</summary>
    public void Refuse()
    {
        foreach (var passage in passages)
            passage.Refuse();
    }

    /// <summary>Takes over what its batch came to.</summary>
    public void Adopt(MessageHandling batch)
    {
        foreach (var passage in passages)
            if (batch.Find(passage.Breaker) is { } whole)
                passage.Adopt(whole);
        IsConcluded = true;
    }

    public void GiveBackAll()
    {
        foreach (var passage in passages)
            passage.GiveBack();
    }

    Passage? FindExplanation(Exception exception) => passages.Length > 1 ? passages.FirstOrDefault(passage => passage.Explains(exception)) : null;
}
