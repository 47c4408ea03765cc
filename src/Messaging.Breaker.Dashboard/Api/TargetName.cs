using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>
/// The target of a request: the last but one segment of its address, or one before that. A queue's name may contain "/" and "%2F", which
/// servers decode to the same character, so it is read from the raw address.
/// </summary>
static class TargetName
{
    const string Slash = "%2F";

    /// <param name="context">The request.</param>
    /// <param name="routed">The name according to the route.</param>
    /// <param name="fromEnd">Its position from the end, itself included.</param>
    public static string Of(HttpContext context, string routed, int fromEnd = 2)
    {
        var path = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").Split('?')[0].Split('/');
        var name = path.Length >= fromEnd ? Uri.UnescapeDataString(path[^fromEnd]) : "";
        // If other middleware has rewritten the address, the route is more reliable.
        return AsRouted(name) == AsRouted(routed) ? name : AsRouted(routed);
    }

    static string AsRouted(string name) => name.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
}
