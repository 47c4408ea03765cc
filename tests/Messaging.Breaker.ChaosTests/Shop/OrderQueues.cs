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

    /// <summary>The queues of merchants whose breaker is not closed; none of them stays.</summary>
    public async Task<IReadOnlyList<string>> GetParkingQueuesAsync() =>
        [.. (await broker.GetQueueNamesAsync(Parking + ".")).Where(queue => queue != Register)];

    string Parking => $"{Orders}_parked";

    string Register => $"{Parking}.keys";

    string Receipts => ShopNames.ReceiptQueue(prefix);

    /// <summary>Takes every message out of a queue and returns their ids; none if there is no such queue.</summary>
    public Task<IReadOnlyList<Guid>> TakeAsync(string queue) => UseAsync<IReadOnlyList<Guid>>(async channel =>
    {
        var orders = new List<Guid>();
        try
        {
            while (await channel.BasicGetAsync(queue, autoAck: true) is { } message)
                if (message.BasicProperties.MessageId is { } id) // Otherwise it is a mark that the library left in the queue of a key.
                    orders.Add(Guid.Parse(id));
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
        }

        return orders;
    });

    /// <summary>Leaves the broker as small as it was.</summary>
    public Task DeleteAsync() => UseAsync(async channel =>
    {
        string[] ofShop = [Orders, Errors, Skipped, Receipts, Parking, Register, ShopNames.OrdersExchange(prefix), ShopNames.FaultsExchange(prefix)];
        foreach (var name in ofShop.Concat(await GetParkingQueuesAsync()).Concat(StoreRegistration.NamesOnBus(prefix)))
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
