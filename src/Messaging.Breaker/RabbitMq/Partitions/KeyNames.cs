using System.IO.Hashing;
using System.Text;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>The names of what is declared in addition to an endpoint's queue, for keys that are not closed.</summary>
sealed class KeyNames(string queue)
{
    const int LongestReadable = 40;

    /// <summary>The exchange through which messages go to the queues of keys; it also shows where they come from.</summary>
    public string Exchange { get; } = $"{queue}_parked";

    /// <summary>The stream that records which keys have queues, and what happened to their breakers.</summary>
    public string Register => $"{Exchange}.keys";

    /// <summary>Copies of messages that were moved to queues that a crash may still forget.</summary>
    public string Copies => $"{Exchange}.copies";

    /// <summary>All of them, for granting permissions.</summary>
    public string All => $"'{Exchange}' and '{Exchange}.*'";

    /// <summary>The queue of a key: readable for people who look at the broker, and unique because of the hash.</summary>
    public string QueueOf(string key)
    {
        var readable = new string([.. key.Take(LongestReadable).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '-')]);
        return $"{Exchange}.{readable}.{Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(key)))}";
    }
}
