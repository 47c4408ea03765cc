using MassTransit;
using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.RabbitMq.Sharing;

public sealed class BusSharingTests
{
    [Theory]
    [InlineData("amqp://worker:p%40ss@rabbit", "rabbit", 5672, "/", "worker", "p@ss", false)]
    [InlineData("amqp://rabbit:5673/", "rabbit", 5673, "/", "guest", "guest", false)]
    [InlineData("rabbitmq://worker:pass@rabbit/shop", "rabbit", 5672, "shop", "worker", "pass", false)]
    [InlineData("amqps://rabbit/shop%2Feu", "rabbit", 5671, "shop/eu", "guest", "guest", true)]
    [InlineData("rabbitmqs://rabbit:5700/shop", "rabbit", 5700, "shop", "guest", "guest", true)]
    public void An_address_is_understood(string address, string host, int port, string virtualHost, string user, string password, bool isSecure)
    {
        var factory = BusConnection.For(new BusSharingOptions { Address = new Uri(address) }, new RabbitMqTransportOptions());

        Assert.Equal((host, port), (factory.Endpoint.HostName, factory.Endpoint.Port));
        Assert.Equal((virtualHost, user, password, isSecure), (factory.VirtualHost, factory.UserName, factory.Password, factory.Ssl.Enabled));
        Assert.Equal(host, factory.Ssl.ServerName);
    }

    [Fact]
    public void Without_an_address_the_transports_options_are_used()
    {
        var bus = new RabbitMqTransportOptions { Host = "rabbit", Port = 5671, VHost = "shop", User = "worker", Pass = "pass", UseSsl = true };

        var factory = BusConnection.For(new BusSharingOptions(), bus);

        Assert.Equal(("rabbit", 5671), (factory.Endpoint.HostName, factory.Endpoint.Port));
        Assert.Equal(("shop", "worker", "pass", true), (factory.VirtualHost, factory.UserName, factory.Password, factory.Ssl.Enabled));
    }

    [Fact]
    public async Task An_unreachable_broker_without_an_address_is_named_as_the_transports()
    {
        var options = new BusSharingOptions();
        var factory = BusConnection.For(options, new RabbitMqTransportOptions { Host = "127.0.0.1", Port = 1 });
        await using var store = new BusStateStore(factory, options, TimeProvider.System, NullLoggerFactory.Instance);

        var exception = await Assert.ThrowsAsync<IOException>(() => store.ReadAsync(["payments"], TestContext.Current.CancellationToken));

        Assert.StartsWith(
            "RabbitMQ at 127.0.0.1:1 (from RabbitMqTransportOptions, because ShareOverBus has no Address) is out of reach: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConfigureConnection_has_the_last_word()
    {
        var options = new BusSharingOptions { ConfigureConnection = factory => factory.VirtualHost = "other" };

        Assert.Equal("other", BusConnection.For(options, new RabbitMqTransportOptions()).VirtualHost);
    }

    [Theory]
    [InlineData("http://worker:s3cret@rabbit/", "fleet", "Address is of the scheme 'http'")]
    [InlineData("amqp://worker:s3cret@rabbit/shop/eu", "fleet", "Address is not a valid address")]
    [InlineData("rabbit", "fleet", "Address is not absolute")]
    [InlineData("amqp://rabbit/", "", "Prefix is ''")]
    [InlineData("amqp://rabbit/", "my fleet", "Prefix is 'my fleet'")]
    public void Wrong_options_are_refused_with_the_remedy_and_without_the_password(string address, string prefix, string problem)
    {
        var services = new ServiceCollection();

        var exception = Assert.Throws<OptionsValidationException>(() => services.AddMessagingBreaker(breakers => breakers.ShareOverBus(options =>
        {
            options.Address = new Uri(address, UriKind.RelativeOrAbsolute);
            options.Prefix = prefix;
        })));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }
}
