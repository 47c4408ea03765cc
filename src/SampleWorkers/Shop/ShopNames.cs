using MassTransit;

namespace SampleWorkers.Shop;

/// <summary>
/// The names of the queues and exchanges of a shop with a prefix, so that two shops on one broker do not get each other's orders.
/// </summary>
static class ShopNames
{
    public static string ChargeQueue(string prefix) => $"{prefix}-charge-order";

    public static string ReceiptQueue(string prefix) => $"{prefix}-send-receipt";

    public static string OrdersExchange(string prefix) => $"{prefix}-orders";

    public static string FaultsExchange(string prefix) => $"{prefix}-faults";

    /// <param name="prefix">Null for MassTransit's own names.</param>
    public static void UseShopNames(this IBusFactoryConfigurator bus, string? prefix)
    {
        if (prefix is null)
            return;
        bus.Message<OrderPlaced>(message => message.SetEntityName(OrdersExchange(prefix)));
        bus.Message<Fault<OrderPlaced>>(message => message.SetEntityName(FaultsExchange(prefix)));
        bus.Publish<Fault>(fault => fault.Exclude = true); // The exchange of all faults is shared by everybody, and would stay.
    }
}
