using System.Text.RegularExpressions;

namespace Messaging.Breaker.Cli.Output;

/// <summary>Removes secrets from the output: the credentials of addresses, tokens and headers, wherever an error quotes them.</summary>
sealed partial class Secrets
{
    const string Stars = "***";
    const int Shortest = 3;

    readonly HashSet<string> _known = [];

    public void Add(string? secret)
    {
        if (secret is { Length: >= Shortest })
            _known.Add(secret);
    }

    public void AddAddress(Uri address)
    {
        foreach (var part in address.UserInfo.Split(':', 2).Skip(1).Append(address.UserInfo))
        {
            Add(part);
            Add(Uri.UnescapeDataString(part));
        }
    }

    public string Hide(string text)
    {
        foreach (var secret in _known.OrderByDescending(secret => secret.Length))
            text = text.Replace(secret, Stars, StringComparison.Ordinal);
        return Pairs().Replace(Addresses().Replace(text, $"{Stars}@"), Stars);
    }

    /// <summary>Up to the last "@" before a blank or a quote, because a password may contain any other character.</summary>
    [GeneratedRegex(@"(?<=://)[^\s'""]*@")]
    private static partial Regex Addresses();

    /// <summary>As in a Redis configuration string.</summary>
    [GeneratedRegex(@"(?<=\b(password|user|token)=)[^\s,;'""]+", RegexOptions.IgnoreCase)]
    private static partial Regex Pairs();
}
