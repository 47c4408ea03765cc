using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.RabbitMq;

/// <summary>An address that the client of RabbitMQ cannot read would otherwise be repeated, password and all, by the client's own error.</summary>
sealed class BrokerAddressRule : IValidateOptions<QueueDepthOptions>
{
    public ValidateOptionsResult Validate(string? name, QueueDepthOptions options) =>
        Uri.TryCreate(options.BrokerAddress, UriKind.Absolute, out var address) && !BusConnection.CanRead(address)
            ? ValidateOptionsResult.Fail(
                $"{QueueDepthSection.Name}: {nameof(options.BrokerAddress)} is not readable: write it as amqp://user:password@host:5672/vhost, "
                + "with ':', '@' and '/' in any part as %3A, %40 and %2F.")
            : ValidateOptionsResult.Success;
}
