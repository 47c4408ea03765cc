using System.Net;
using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Access;

/// <summary>Whether a request comes from this machine, as far as the connection itself shows.</summary>
static class LoopbackRule
{
    /// <summary>Headers that proxies add, and what UseForwardedHeaders leaves of them: the sender of such a request may be anywhere.</summary>
    static readonly string[] TracesOfProxies =
    [
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Original-Host", "X-Original-Proto",
        "X-Real-IP", "Via",
    ];

    /// <summary>Why the request is not considered to come from this machine; null if it is.</summary>
    public static string? FindProblem(HttpContext context)
    {
        if (!IsLoopback(context.Connection.RemoteIpAddress))
            return $"the request comes from {context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address"}, not from this machine";
        if (Array.Find(TracesOfProxies, context.Request.Headers.ContainsKey) is { } trace)
            return $"the request came through a proxy, because it has the header {trace}";
        // If an attacker's DNS server resolves a name to 127.0.0.1, a browser on this machine sends requests for the attacker's page here.
        return IsLoopback(context.Request.Host) ? null : $"the request is for host '{context.Request.Host.Host}', not for localhost";
    }

    static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    static bool IsLoopback(HostString host) =>
        string.Equals(host.Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out var address) && IsLoopback(address));
}
