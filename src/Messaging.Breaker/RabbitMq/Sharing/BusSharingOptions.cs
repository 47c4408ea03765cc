using System.Text.RegularExpressions;
using Messaging.Breaker.Primitives;
using Messaging.Breaker.RabbitMq.Sharing;
using RabbitMQ.Client;

namespace Messaging.Breaker;

/// <summary>How an instance takes part in a fleet that shares over RabbitMQ alone, with <see cref="MessagingBreakerBusExtensions.ShareOverBus"/>.</summary>
public sealed partial class BusSharingOptions : SharingOptions
{
    /// <summary>
    /// The broker, as in <c>amqp://user:password@host:5672/vhost</c>, or <c>amqps</c> for TLS. MassTransit's <c>rabbitmq</c> and
    /// <c>rabbitmqs</c> work too. Default null: the address in MassTransit's RabbitMqTransportOptions. If you give MassTransit an address
    /// in code, with <c>rabbit.Host(...)</c>, you must give it here again. The password is only sent to the broker.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>
    /// The beginning of the names of the fleet's queues. Instances with the same prefix are a fleet. Up to 100 letters, digits, '.', '_'
    /// and '-'; default "messaging-breaker".
    /// </summary>
    public string Prefix { get; set; } = "messaging-breaker";

    /// <summary>Sets what an address cannot contain: certificates, the nodes of a cluster, a source of credentials. Default null.</summary>
    public Action<ConnectionFactory>? ConfigureConnection { get; set; }

    /// <inheritdoc />
    protected internal override IEnumerable<string> Validate()
    {
        foreach (var problem in base.Validate())
            yield return problem;
        // Never the address itself, because it contains the password.
        if (Address is { IsAbsoluteUri: false })
            yield return Problem(nameof(Address), "not absolute", "write it as amqp://user:password@host:5672/vhost");
        else if (Address is { Scheme: not ("amqp" or "amqps" or "rabbitmq" or "rabbitmqs") })
            yield return Problem(nameof(Address), $"of the scheme '{Address.Scheme}'", "must begin with amqp, or amqps for TLS");
        else if (Address is not null && !BusConnection.CanRead(Address))
            yield return Problem(nameof(Address), "not a valid address", "write it as amqp://user:password@host:5672/vhost, with ':', '@' and '/' in any part as %3A, %40 and %2F");
        if (Prefix is null || !WellFormed().IsMatch(Prefix))
            yield return Problem(nameof(Prefix), Prefix is null ? "null" : $"'{OneLine.Of(Prefix, 100)}'", "must have 1 to 100 letters, digits, '.', '_' and '-'");
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex WellFormed();
}
