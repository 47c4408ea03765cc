using MassTransit;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// The sharing has its own connection: MassTransit closes and replaces its connection as its endpoints need it, and sharing must continue while
/// every endpoint is paused.
/// </summary>
static class BusConnection
{
    static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(5);

    /// <summary>How soon a hanging coordinator is noticed: the broker closes its connection after two heartbeats.</summary>
    static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    // The most that any broker accepts. A message that the client refuses to read closes the connection, and then the next one.
    const uint LargestMessage = 512 * 1024 * 1024;

    public static ConnectionFactory For(BusSharingOptions options, RabbitMqTransportOptions bus)
    {
        var factory = new ConnectionFactory();
        if (options.Address is { } address)
            SetAddress(factory, address);
        else
            Copy(bus, factory);
        factory.ClientProvidedName = $"sharing of breakers ({options.Prefix})";
        factory.AutomaticRecoveryEnabled = false;
        factory.RequestedConnectionTimeout = LongestStep;
        factory.HandshakeContinuationTimeout = LongestStep;
        factory.ContinuationTimeout = LongestStep;
        factory.RequestedHeartbeat = Heartbeat;
        factory.MaxInboundMessageBodySize = LargestMessage;
        options.ConfigureConnection?.Invoke(factory);
        return factory;
    }

    /// <summary>The client's own error would contain the password.</summary>
    public static bool CanRead(Uri address)
    {
        try
        {
            SetAddress(new ConnectionFactory(), address);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or UriFormatException)
        {
            return false;
        }
    }

    static void SetAddress(ConnectionFactory factory, Uri address) => factory.Uri = new UriBuilder(address)
    {
        Scheme = address.Scheme is "amqps" or "rabbitmqs" ? "amqps" : "amqp",
        Port = address.Port,
    }.Uri;

    static void Copy(RabbitMqTransportOptions bus, ConnectionFactory factory)
    {
        (factory.HostName, factory.Port) = (bus.Host, bus.Port);
        (factory.VirtualHost, factory.UserName, factory.Password) = (bus.VHost, bus.User, bus.Pass);
        if (bus.UseSsl)
            factory.Ssl = new SslOption(bus.Host) { Enabled = true };
    }
}
