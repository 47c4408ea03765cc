using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>One line of the register: what one instance says about one key.</summary>
/// <param name="Key">The key; empty for the mark that tells a reader that it has read everything.</param>
/// <param name="State">What happened to it.</param>
/// <param name="By">The instance that says so.</param>
/// <param name="Until">When its break or its isolation ends; null if it has no end.</param>
/// <param name="Reason">Why, for the operator on call.</param>
/// <param name="EmptyAt">When its queue was empty, which may have been filled since; null if not known.</param>
/// <param name="IsSettled">Its queue was declared so long ago that no crash of the broker forgets it.</param>
sealed record KeyEntry(string Key, KeyEntryState State, string By, DateTimeOffset? Until = null, string Reason = "", DateTimeOffset? EmptyAt = null, bool IsSettled = false)
{
    const int LongestReason = 500;

    /// <summary>Whether it is about the key's queue, not its breaker.</summary>
    [JsonIgnore]
    public bool IsOfQueue => State is KeyEntryState.Parked or KeyEntryState.Closing;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <returns>Null if it is not an entry, whoever wrote it.</returns>
    public static KeyEntry? TryRead(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<KeyEntry>(body.Span) is { Key: not null, By: not null, Reason: not null } entry && Enum.IsDefined(entry.State)
                ? entry with { Reason = OneLine.Of(entry.Reason, LongestReason) }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What happened to a key.</summary>
enum KeyEntryState
{
    /// <summary>Its messages are in their own queue, whatever the state of its breaker.</summary>
    Parked,

    /// <summary>Its breaker has opened.</summary>
    Open,

    /// <summary>An operator holds its breaker open.</summary>
    Isolated,

    /// <summary>Its breaker has closed.</summary>
    Closed,

    /// <summary>Its queue is gone.</summary>
    Released,

    /// <summary>
    /// Its queue is about to be deleted: no message may be moved there, and an instance that starts has to check whether it was deleted.
    /// </summary>
    Closing,
}
