using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.RabbitMq;

/// <summary>Without this, the RabbitMQ client's own error would repeat an address that it cannot read, including the password.</summary>
sealed class BrokerAddressRule : IValidateOptions<QueueDepthOptions>
{
    public ValidateOptionsResult Validate(string? name, QueueDepthOptions options) =>
        Uri.TryCreate(options.BrokerAddress, UriKind.Absolute, out var address) && !BusConnection.CanRead(address)
            ? ValidateOptionsResult.Fail(
                $"{QueueDepthSection.Name}: {nameof(options.BrokerAddress)} cannot be parsed: write it as amqp://user:password@host:5672/vhost, "
                + "with ':', '@' and '/' in any part as %3A, %40 and %2F.")
            : ValidateOptionsResult.Success;
}
