using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>
/// Whom a request is to steer: the last but one segment of its address. A queue's name may hold "/" and "%2F", which servers decode to the
/// same; so it is read from the address as it came.
/// </summary>
static class TargetName
{
    const string Slash = "%2F";

    public static string Of(HttpContext context, string routed)
    {
        var path = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").Split('?')[0].Split('/');
        var name = path.Length > 1 ? Uri.UnescapeDataString(path[^2]) : "";
        // Where something before us has rewritten the address, the route knows better.
        return AsRouted(name) == AsRouted(routed) ? name : AsRouted(routed);
    }

    static string AsRouted(string name) => name.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
}
