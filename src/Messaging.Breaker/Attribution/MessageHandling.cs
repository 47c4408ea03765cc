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

    public void GiveBackAll()
    {
        foreach (var passage in passages)
            passage.GiveBack();
    }
}
