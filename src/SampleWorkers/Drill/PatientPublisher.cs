using System.Diagnostics;
using MassTransit;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

/// <summary>
/// Publishes an order until the broker confirms it, with the same id each time. An order that a lost broker had accepted but not confirmed then
/// exists twice. Only the drill causes that, so it is counted.
/// </summary>
sealed class PatientPublisher(BrokerAddress? broker, TimeSpan patience)
{
    static readonly TimeSpan LongestWaitForConfirm = TimeSpan.FromSeconds(10);
    static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    int _repetitions;

    public int Repetitions => Volatile.Read(ref _repetitions);

    /// <exception cref="BrokerUnreachableException">The broker was lost and has not come back in time.</exception>
    public async Task PublishAsync(IPublishEndpoint publisher, OrderPlaced order, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(LongestWaitForConfirm);
            try
            {
                await publisher.PublishOrderAsync(order, limit.Token);
                return;
            }
            catch (Exception exception) when (broker is not null && !cancellationToken.IsCancellationRequested)
            {
                if (Stopwatch.GetElapsedTime(began) > patience)
                    throw new BrokerUnreachableException(broker, exception.GetBaseException().Message, exception);
            }

            Interlocked.Increment(ref _repetitions);
            await Task.Delay(RetryDelay, cancellationToken);
        }
    }
}
