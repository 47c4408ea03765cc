using System.Text;
using RabbitMQ.Client;

namespace OutageDrill.Broker;

static class DrillConnection
{
    /// <exception cref="DrillImpossibleException">Nobody answers. The message does not repeat the address: it may hold a password.</exception>
    public static async Task<IConnection> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            var factory = new ConnectionFactory { Uri = address, ClientProvidedName = "OutageDrill" };
            return await factory.CreateConnectionAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DrillImpossibleException($"The broker at {address.Host}:{address.Port} cannot be used: {exception.GetBaseException().Message}");
        }
    }

    /// <summary>The broker's name and version, such as "RabbitMQ 3.10.8".</summary>
    public static async Task<string> ReadVersionAsync(Uri address, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(address, cancellationToken);
        return $"{Read("product")} {Read("version")}";

        string Read(string property) =>
            connection.ServerProperties?.TryGetValue(property, out var value) is true && value is byte[] text ? Encoding.UTF8.GetString(text) : "?";
    }
}
