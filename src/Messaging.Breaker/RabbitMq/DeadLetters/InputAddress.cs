using Messaging.Breaker.Primitives;


namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Reads MassTransit's address of a queue, as in <c>rabbitmq://host/vhost/queue?durable=true</c>.</summary>
static class InputAddress
{
    const int LongestShown = 200;

    /// <returns>The queue, or the problem.</returns>
    public static (string? Queue, string? Problem) QueueOf(string? address, string virtualHost, string? otherwise)
    {
        if (string.IsNullOrWhiteSpace(address))
            return otherwise is not null ? (otherwise, null) : (null, "neither they nor the name of their queue says where they came from");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is not { Length: 1 or 2 } parts)
            return (null, $"the address they came from cannot be read: {OneLine.Of(uri?.GetComponents(UriComponents.HostAndPort | UriComponents.Path, UriFormat.Unescaped) ?? address, LongestShown)}");
        var host = parts.Length == 2 ? Uri.UnescapeDataString(parts[0]) : "/";
        return host == virtualHost || host == virtualHost.TrimStart('/')
            ? (Uri.UnescapeDataString(parts[^1]), null)
            : (null, $"they came from the virtual host '{OneLine.Of(host, LongestShown)}', but this one is '{virtualHost}'");
    }
}
