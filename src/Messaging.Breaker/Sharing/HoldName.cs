using System.Security.Cryptography;
using System.Text;

namespace Messaging.Breaker.Sharing;

/// <summary>The name of a hold on an endpoint in the fleet's store.</summary>
static class HoldName
{
    /// <summary>No breaker's name contains a colon.</summary>
    const string Prefix = "hold:";
    const int LongestEndpoint = 150;

    /// <summary>The endpoint's name, in lower case, for the name of a hold; null for the name of a breaker.</summary>
    public static string? EndpointOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : null;

    /// <summary>Instances may write a name in different cases, and a queue's name may be longer than a state's.</summary>
    public static string Of(string endpoint)
    {
        var name = endpoint.ToLowerInvariant();
        return name.Length <= LongestEndpoint
            ? Prefix + name
            : $"{Prefix}{name[..LongestEndpoint]}:{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]}";
    }
}
