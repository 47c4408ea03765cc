using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Configuration;

/// <summary>What an endpoint is called: its address without its host's, which is its queue; a rider's has a path.</summary>
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
