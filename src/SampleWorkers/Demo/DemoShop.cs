using MassTransit;
using Messaging.Breaker;
using SampleWorkers.Hosting;
using SampleWorkers.Payments;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Demo;

/// <summary>The running shop and what a view can show of it.</summary>
sealed class DemoShop(
    PaymentsService payments, CountingLedger ledger, InMemoryDeadLetters deadLetters, IBreakerRegistry breakers, DemoJournal journal)
{
    long _published;

    public DemoFigures GetFigures()
    {
        var service = payments.GetFigures();
        var published = Interlocked.Read(ref _published);
        var deadLettered = deadLetters.DeadLettered.Count;
        return new DemoFigures(
            journal.Elapsed,
            published,
            Math.Max(0, published - ledger.Handled - deadLettered),
            ledger.Handled,
            ledger.Receipts,
            deadLettered,
            service.Mode,
            service.Calls,
            service.CallsWhileDown,
            [.. breakers.Breakers.Select(breaker => breaker.GetSnapshot())]);
    }

    public Task PlaceOrdersAsync(IBus bus, int rate, CancellationToken cancellationToken) => Pace.RunAsync(
        rate,
        null,
        async number =>
        {
            await bus.PublishOrderAsync(OrderPlaced.Next(number), cancellationToken);
            Interlocked.Increment(ref _published);
        },
        cancellationToken);

    public async Task ObserveQueuesAsync(DemoQueues queues, CancellationToken cancellationToken)
    {
        using var seconds = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await seconds.WaitForNextTickAsync(cancellationToken))
            queues.Observe(GetFigures());
    }

    public async Task RecordTransitionsAsync(CancellationToken cancellationToken)
    {
        await foreach (var transition in breakers.WatchAsync(cancellationToken))
            journal.Add($"{transition.Breaker}: {transition.From} to {transition.To}: {transition.Reason}");
    }
}
