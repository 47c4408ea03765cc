using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>How to connect to a broker. Its description contains no credentials.</summary>
sealed class BrokerAccess
{
    readonly Func<Task<ConnectionFactory>> _prepare;
    readonly RabbitMqHostSettings? _settings;

    BrokerAccess(string description, Func<Task<ConnectionFactory>> prepare, RabbitMqHostSettings? settings = null) =>
        (Description, _prepare, _settings) = (description, prepare, settings);

    public string Description { get; }

    public static BrokerAccess Of(string address)
    {
        var factory = new ConnectionFactory { Uri = new Uri(address) };
        return new BrokerAccess($"{factory.HostName}:{factory.Port}/{factory.VirtualHost.TrimStart('/')}", () => Task.FromResult(factory));
    }

    /// <summary>The connection of the endpoint's bus, with all its settings: clusters, certificates, changing credentials.</summary>
    public static BrokerAccess? Of(RabbitMqReceiveEndpointConfiguration endpoint) =>
        MassTransitInternals.HostOf(endpoint)?.Settings is not { } settings ? null : new BrokerAccess(
            endpoint.HostAddress.GetComponents(UriComponents.HostAndPort | UriComponents.Path, UriFormat.Unescaped),
            async () =>
            {
                var factory = settings.GetConnectionFactory();
                await settings.Refresh(factory).ConfigureAwait(false);
                return factory;
            },
            settings);

    /// <summary>The broker at which an endpoint's queue is watched; it differs from the bus's only if another one was named.</summary>
    public static BrokerAccess? Of(RabbitMqReceiveEndpointConfiguration endpoint, QueueDepthOptions options) =>
        options.BrokerAddress is { } address ? Of(address) : Of(endpoint);

    /// <param name="name">The name of the connection on the broker.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<IConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        var factory = await PrepareAsync().ConfigureAwait(false);
        factory.AutomaticRecoveryEnabled = false;
        factory.ClientProvidedName = name;
        return _settings?.EndpointResolver is { } cluster
            ? await factory.CreateConnectionAsync(cluster, factory.ClientProvidedName, cancellationToken).ConfigureAwait(false)
            : await factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<ConnectionFactory> PrepareAsync() => _prepare();
}
