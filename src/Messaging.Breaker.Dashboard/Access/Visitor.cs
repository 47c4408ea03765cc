using Messaging.Breaker.Primitives;
using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Access;

/// <summary>
/// Who sent a request: the user according to the host's authentication, or else the address of the connection, and for whom, if a script or a
/// tool says so. That claim proves nothing, so it is added to what is known and never replaces it.
/// </summary>
static class Visitor
{
    /// <summary>The header in which a tool says whom it acts for, percent-encoded.</summary>
    public const string Header = "Breakers-By";

    const int LongestClaim = 100;

    public static string NameOf(HttpContext context)
    {
        var known = UserNameOf(context) ?? context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address";
        return ClaimOf(context) is { } claim ? $"{known}, for {claim}" : known;
    }

    /// <summary>The addition to a reason; null if there is no name.</summary>
    public static string? SignatureOf(HttpContext context) => (UserNameOf(context), ClaimOf(context)) switch
    {
        ({ } user, { } claim) => $"{user}, for {claim}",
        var (user, claim) => user ?? claim,
    };

    /// <summary>Null unless the host's authentication knows the user.</summary>
    static string? UserNameOf(HttpContext context) => context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? Plain(name) : null;

    static string? ClaimOf(HttpContext context)
    {
        var claim = OneLine.Of(Uri.UnescapeDataString(context.Request.Headers[Header].ToString()), LongestClaim).Trim();
        return claim.Length > 0 ? claim : null;
    }

    static string Plain(string name) => string.Concat(name.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
