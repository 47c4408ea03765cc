using Messaging.Breaker;

namespace SampleWorkers.Drill.Workers;

/// <summary>
/// Counts how often an endpoint stops running, by polling. A pause is longer than the interval, because the consumer has to start again.
/// </summary>
sealed class PauseCounter(IEndpointRegistry endpoints, string queue)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    int _pauses;

    public int Pauses => Volatile.Read(ref _pauses);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var (hasRun, ran) = (false, false);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var runs = endpoints.Endpoints.FirstOrDefault(endpoint => endpoint.Name == queue)?.State is EndpointState.Running;
                if (ran && !runs && hasRun)
                    Interlocked.Increment(ref _pauses);
                hasRun |= runs;
                ran = runs;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}
