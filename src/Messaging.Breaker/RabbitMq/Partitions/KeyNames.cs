using System.IO.Hashing;
using System.Text;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>What is declared beside an endpoint's queue for the keys that are not closed.</summary>
sealed class KeyNames(string queue)
{
    const int LongestReadable = 40;

    /// <summary>The exchange by which messages come to the queues of keys. A queue that is about to go is taken from it first.</summary>
    public string Exchange { get; } = $"{queue}_parked";

    /// <summary>The stream in which it is written which keys have queues, and what became of their breakers.</summary>
    public string Register => $"{Exchange}.keys";

    /// <summary>All of them, for whoever grants permissions.</summary>
    public string All => $"'{Exchange}' and '{Exchange}.*'";

    /// <summary>The queue of a key: readable for whoever looks at the broker, and told apart by the hash.</summary>
    public string QueueOf(string key)
    {
        var readable = new string([.. key.Take(LongestReadable).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '-')]);
        return $"{Exchange}.{readable}.{Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(key)))}";
    }
}
