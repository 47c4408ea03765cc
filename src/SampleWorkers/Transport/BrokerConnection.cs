using RabbitMQ.Client;

namespace SampleWorkers.Transport;

static class BrokerConnection
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="BrokerUnreachableException">There is no broker, or it refused access, within ten seconds.</exception>
    public static async Task<IConnection> OpenAsync(BrokerAddress broker, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            HostName = broker.Host,
            Port = broker.Port,
            VirtualHost = broker.VirtualHost,
            UserName = broker.User,
            Password = broker.Password,
            Ssl = new SslOption(broker.Host, enabled: broker.IsTls),
            ClientProvidedName = "SampleWorkers",
            AutomaticRecoveryEnabled = false, // Code that needs another connection opens it itself.
        };

        try
        {
            return await factory.CreateConnectionAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var cause = exception is TimeoutException ? $"no answer within {Patience.TotalSeconds:0} s" : exception.GetBaseException().Message;
            throw new BrokerUnreachableException(broker, cause, exception);
        }
    }

    /// <summary>MassTransit would try for ever; a role with a wrong address should say so at once.</summary>
    public static async Task EnsureReachableAsync(BrokerAddress broker, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(broker, cancellationToken);
    }
}
