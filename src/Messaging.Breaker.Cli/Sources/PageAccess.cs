using System.Net.Http.Headers;
using System.Text;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>The page, and who asks.</summary>
/// <param name="Page">Its address.</param>
/// <param name="Authorization">The value of that header; null for none.</param>
/// <param name="Headers">Other headers.</param>
/// <param name="By">Who gives the orders.</param>
sealed record PageAccess(Uri Page, string? Authorization, IReadOnlyList<KeyValuePair<string, string>> Headers, string By)
{
    /// <summary>A token is sent with its scheme; credentials in the address are sent as Basic.</summary>
    public static string? AuthorizationOf(Uri page, string scheme, string? token) =>
        token is not null ? new AuthenticationHeaderValue(scheme, token).ToString()
        : page.UserInfo.Length > 0 ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(page.UserInfo)))}"
        : null;
}
