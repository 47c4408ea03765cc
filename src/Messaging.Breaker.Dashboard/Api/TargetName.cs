using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>
/// Whom a request is to steer: the last but one segment of its address, or one before that. A queue's name may hold "/" and "%2F", which servers decode to the
/// same; so it is read from the address as it came.
/// </summary>
static class TargetName
{
    const string Slash = "%2F";

    /// <param name="context">The request.</param>
    /// <param name="routed">What the route says.</param>
    /// <param name="fromEnd">How many segments follow, with it.</param>
    public static string Of(HttpContext context, string routed, int fromEnd = 2)
    {
        var path = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").Split('?')[0].Split('/');
        var name = path.Length >= fromEnd ? Uri.UnescapeDataString(path[^fromEnd]) : "";
        // Where something before us has rewritten the address, the route knows better.
        return AsRouted(name) == AsRouted(routed) ? name : AsRouted(routed);
    }

    static string AsRouted(string name) => name.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
}
