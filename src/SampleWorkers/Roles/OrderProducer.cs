using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SampleWorkers.Hosting;
using SampleWorkers.Shop;

namespace SampleWorkers.Roles;

/// <summary>Places orders at a steady rate. An order is placed again, with the same id, until the broker has confirmed it.</summary>
sealed partial class OrderProducer(
    IBus bus, IHostApplicationLifetime lifetime, ILogger<OrderProducer> logger, int rate, int? messages) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Pace.RunAsync(rate, messages, number => PlaceAsync(OrderPlaced.Next(number), stoppingToken), stoppingToken);
        LogAllPlaced(messages);
        lifetime.StopApplication();
    }

    async Task PlaceAsync(OrderPlaced order, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await bus.PublishOrderAsync(order, cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotPlaced(order.OrderId, exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "All {Count} orders are placed")]
    partial void LogAllPlaced(int? count);

    [LoggerMessage(LogLevel.Warning, "Order {OrderId} was not taken ({Cause}); trying again in a second")]
    partial void LogNotPlaced(Guid orderId, string cause);
}
