using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SampleWorkers.Sharing;
using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Shop;

/// <summary>The queues of one schedule: where its orders go, and where those go that failed.</summary>
sealed class OrderQueues(RabbitMqNode broker, string prefix)
{
    public string Orders => ShopNames.ChargeQueue(prefix);

    public string Errors => $"{Orders}_error";

    public string Skipped => $"{Orders}_skipped";

    string Receipts => ShopNames.ReceiptQueue(prefix);

    /// <summary>Takes every message out of a queue and returns their ids; none if there is no such queue.</summary>
    public Task<IReadOnlyList<Guid>> TakeAsync(string queue) => UseAsync<IReadOnlyList<Guid>>(async channel =>
    {
        var orders = new List<Guid>();
        try
        {
            while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
                orders.Add(Guid.Parse(message.BasicProperties.MessageId!));
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
        }

        return orders;
    });

    /// <summary>Leaves the broker as small as it was.</summary>
    public Task DeleteAsync() => UseAsync(async channel =>
    {
        string[] ofShop = [Orders, Errors, Skipped, Receipts, ShopNames.OrdersExchange(prefix), ShopNames.FaultsExchange(prefix)];
        foreach (var name in ofShop.Concat(StoreRegistration.NamesOnBus(prefix)))
        {
            await channel.QueueDeleteAsync(name);
            await channel.ExchangeDeleteAsync(name);
        }

        return true;
    });

    async Task<T> UseAsync<T>(Func<IChannel, Task<T>> use)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.AmqpAddress }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await use(channel);
    }
}
