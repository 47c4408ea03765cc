using System.Security.Cryptography;
using System.Text;

namespace Messaging.Breaker.Sharing;

/// <summary>By what name the fleet's store knows the hold on an endpoint.</summary>
static class HoldName
{
    /// <summary>No breaker's name has a colon in it.</summary>
    const string Prefix = "hold:";
    const int LongestEndpoint = 150;

    /// <summary>The endpoint's name, in lower case, of a hold's; null if it is that of a breaker.</summary>
    public static string? EndpointOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : null;

    /// <summary>Instances may spell a name in different cases, and a queue's name may be longer than that of a state.</summary>
    public static string Of(string endpoint)
    {
        var name = endpoint.ToLowerInvariant();
        return name.Length <= LongestEndpoint
            ? Prefix + name
            : $"{Prefix}{name[..LongestEndpoint]}:{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]}";
    }
}
