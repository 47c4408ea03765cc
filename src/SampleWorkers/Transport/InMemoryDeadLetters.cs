using System.Collections.Concurrent;
using MassTransit;
using SampleWorkers.Shop;

namespace SampleWorkers.Transport;

/// <summary>Receives from the queues where the in-memory transport puts messages that failed or have no consumer.</summary>
sealed class InMemoryDeadLetters(string queue)
{
    readonly ConcurrentBag<Guid> _deadLettered = [];
    readonly ConcurrentBag<Guid> _skipped = [];
    long _faults;

    public IReadOnlyCollection<Guid> DeadLettered => _deadLettered;

    public IReadOnlyCollection<Guid> Skipped => _skipped;

    public long Faults => Interlocked.Read(ref _faults);

    public void Configure(IBusFactoryConfigurator bus)
    {
        Receive<OrderPlaced>(bus, $"{queue}_error", order => _deadLettered.Add(order.OrderId), isSubscribed: false);
        Receive<OrderPlaced>(bus, $"{queue}_skipped", order => _skipped.Add(order.OrderId), isSubscribed: false);
        Receive<Fault<OrderPlaced>>(bus, $"{queue}_faults", _ => Interlocked.Increment(ref _faults), isSubscribed: true);
    }

    static void Receive<T>(IBusFactoryConfigurator bus, string name, Action<T> count, bool isSubscribed) where T : class =>
        bus.ReceiveEndpoint(name, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = isSubscribed;
            endpoint.Handler<T>(context =>
            {
                count(context.Message);
                return Task.CompletedTask;
            });
        });
}
