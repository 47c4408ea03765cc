using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Configuration;

/// <summary>The name of an endpoint: its address without the host, which is its queue. A rider's endpoint has a path.</summary>
static class EndpointName
{
    public static string Of(IReceiveEndpointConfigurator endpoint)
    {
        var path = endpoint.InputAddress.AbsolutePath;
        var host = (endpoint as IReceiveEndpointConfiguration)?.HostAddress.AbsolutePath.TrimEnd('/') + "/";
        var name = path.Length > host.Length && path.StartsWith(host, StringComparison.OrdinalIgnoreCase) ? path[host.Length..] : path.Split('/')[^1];
        return Uri.UnescapeDataString(name);
    }
}
