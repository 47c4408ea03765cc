using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using SampleWorkers.Sharing;
using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Shop;

/// <summary>The queues of one schedule, for its orders and for those that failed.</summary>
sealed class OrderQueues(RabbitMqNode broker, string prefix)
{
    public string Orders => ShopNames.ChargeQueue(prefix);

    public string Errors => $"{Orders}_error";

    public string Skipped => $"{Orders}_skipped";

    /// <summary>The queues of merchants whose breakers are not closed. None of them may remain in the end.</summary>
    public async Task<IReadOnlyList<string>> GetParkingQueuesAsync() =>
        [.. (await broker.GetQueueNamesAsync(Parking + ".")).Except([Register, Copies])];

    /// <summary>Makes the broker record what it drops and why. Nothing else shows whether a lost message was dropped.</summary>
    public async Task WatchDropsAsync()
    {
        await UseAsync(async channel =>
        {
            await channel.QueueDeclareAsync(Dropped, durable: true, exclusive: false, autoDelete: false);
            return true;
        });
        await broker.SetPolicyAsync($"{prefix}-", $$"""{"dead-letter-exchange":"","dead-letter-routing-key":"{{Dropped}}"}""");
    }

    /// <summary>For each dropped message, the queue that dropped it and why.</summary>
    public Task<ILookup<Guid, string>> TakeDropsAsync() => UseAsync(async channel =>
    {
        var drops = new List<(Guid Order, string Why)>();
        while (await channel.BasicGetAsync(Dropped, autoAck: true) is { BasicProperties: { } message })
            if (Guid.TryParse(message.MessageId, out var order))
                drops.Add((order, $"{Text(message, "x-first-death-queue")}: {Text(message, "x-first-death-reason")}"));
        return drops.ToLookup(drop => drop.Order, drop => drop.Why);

        static string Text(IReadOnlyBasicProperties message, string header) =>
            message.Headers?.TryGetValue(header, out var value) == true && value is byte[] text ? Encoding.UTF8.GetString(text) : "?";
    });

    // The policy does not cover this queue.
    string Dropped => $"dropped-{prefix}";

    string Parking => $"{Orders}_parked";

    string Register => $"{Parking}.keys";

    string Copies => $"{Parking}.copies";

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

    /// <summary>Does the same for a merchant's queue. It has a single active consumer, so messages cannot be fetched from it.</summary>
    public Task<IReadOnlyList<Guid>> ConsumeAsync(string queue) => UseAsync<IReadOnlyList<Guid>>(async channel =>
    {
        var orders = new ConcurrentQueue<Guid>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            if (message.BasicProperties.MessageId is { } id) // Otherwise it is a marker of the library.
                orders.Enqueue(Guid.Parse(id));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        await Eventually.Is(() => broker.GetQueueAsync(queue), found => found is null or { Ready: 0, Unacknowledged: 0 }, $"{queue} to be empty");
        return [.. orders];
    });

    /// <summary>Deletes everything that the schedule created on the broker.</summary>
    public Task DeleteAsync() => UseAsync(async channel =>
    {
        string[] ofShop = [Orders, Errors, Skipped, Receipts, Dropped, Parking, Register, Copies, ShopNames.OrdersExchange(prefix), ShopNames.FaultsExchange(prefix)];
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
