using System.Text.Json;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>One line of the register: what one instance says of one key.</summary>
/// <param name="Key">The key; empty for the mark by which a reader knows that it has read all.</param>
/// <param name="State">What became of it.</param>
/// <param name="By">The instance that says so.</param>
/// <param name="Until">When its break or its isolation ends; null if it has no end.</param>
/// <param name="Reason">Why, for whoever is on call.</param>
/// <param name="EmptyAt">When nothing was in its queue, which may have been filled ever since; null if that is not known.</param>
sealed record KeyEntry(string Key, KeyEntryState State, string By, DateTimeOffset? Until = null, string Reason = "", DateTimeOffset? EmptyAt = null)
{
    const int LongestReason = 500;

    /// <summary>It says what became of the key's queue, not of its breaker.</summary>
    [JsonIgnore]
    public bool IsOfQueue => State is KeyEntryState.Parked or KeyEntryState.Closing;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <returns>Null for what is none, whoever wrote it.</returns>
    public static KeyEntry? TryRead(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<KeyEntry>(body.Span) is { Key: not null, By: not null, Reason: not null } entry && Enum.IsDefined(entry.State)
                ? entry with { Reason = Breakers.OneLine.Of(entry.Reason, LongestReason) }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What became of a key.</summary>
enum KeyEntryState
{
    /// <summary>Its messages are in a queue of their own, whatever its breaker says.</summary>
    Parked,

    /// <summary>Its breaker has opened.</summary>
    Open,

    /// <summary>Its breaker is held open by an operator.</summary>
    Isolated,

    /// <summary>Its breaker has closed.</summary>
    Closed,

    /// <summary>Its queue is gone.</summary>
    Released,

    /// <summary>Its queue is about to go: nobody is to move messages there, and whoever finds this at a start has to look whether it went.</summary>
    Closing,
}
