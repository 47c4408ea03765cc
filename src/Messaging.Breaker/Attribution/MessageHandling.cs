using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Attribution;

/// <summary>A message on its way through a guarded endpoint, with one passage for each breaker that guards it.</summary>
sealed class MessageHandling(IReadOnlyList<Passage> passages, Guid? messageId, TimeProvider time, CancellationToken cancellationToken)
{
    static readonly AsyncLocal<MessageHandling?> Ambient = new();

    /// <summary>The message that the running code handles, for calls that are to be attributed to it.</summary>
    public static MessageHandling? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public IReadOnlyList<Passage> Passages => passages;

    public Guid? MessageId => messageId;

    public TimeProvider Time => time;

    /// <summary>Cancelled when the message is, as when its endpoint stops.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The message was found to be at fault: its failures are its own from here on.</summary>
    public bool IsCharged { get; set; }

    /// <summary>Were it to fail now, that would not yet decide its fate.</summary>
    public bool AwaitsVerdict => !IsCharged && passages.Any(passage =>
        passage.Breaker.Mode == BreakerMode.Enforcing && (passage.Permit.IsProbe || passage.Breaker.Options.WaitForVerdict));

    /// <summary>
    /// The message is one of a batch, which is the unit that asks for permits and is counted: the message holds none while the batch is
    /// being collected.
    /// </summary>
    public bool IsBatched { get; init; }

    /// <summary>When the latest run reached the consumer, which may have been long after it was admitted; null before.</summary>
    public long? StartedAt { get; private set; }

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
    public void Begin() => (IsConcluded, StartedAt) = (false, null);

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

        StartedAt = time.GetTimestamp();
    }

    /// <summary>Counts the run, once, and says what it means for each breaker.</summary>
    public void Conclude(Exception? exception, long startedAt, long endedAt)
    {
        foreach (var passage in passages)
            passage.Conclude(exception, StartedAt ?? startedAt, endedAt);
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
}
