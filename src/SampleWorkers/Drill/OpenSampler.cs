using Messaging.Breaker;

namespace SampleWorkers.Drill;

/// <summary>
/// Watches the queue from outside while the breaker is open or half-open. A reading counts only if the breaker was open, in the same
/// generation, before and after it.
/// </summary>
sealed class OpenSampler
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    readonly IBreaker _breaker;
    readonly IDrillQueue _queue;
    readonly TimeSpan _settling;

    public OpenSampler(IBreaker breaker, IDrillQueue queue, TimeSpan settling)
    {
        _breaker = breaker;
        _queue = queue;
        _settling = settling;
        queue.WatchConsumers(ConsumerStarted);
    }

    public long? ConsumersWhileOpen { get; private set; }

    public long? UnackedWhileOpen { get; private set; }

    public int? ProbePrefetch { get; private set; }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        RepeatAsync(SampleConsumersAsync, cancellationToken),
        RepeatAsync(SampleUnackedAsync, cancellationToken));

    static async Task RepeatAsync(Func<CancellationToken, Task> sample, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await sample(cancellationToken);
                await Task.Delay(Interval, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    async Task SampleConsumersAsync(CancellationToken cancellationToken)
    {
        var before = _breaker.GetSnapshot();
        if (before.State is BreakerState.Open && await _queue.ReadAsync(cancellationToken) is { } reading && WasQuiet(before))
            ConsumersWhileOpen = Math.Max(ConsumersWhileOpen ?? 0, reading.Consumers);
    }

    async Task SampleUnackedAsync(CancellationToken cancellationToken)
    {
        var before = _breaker.GetSnapshot();
        if (before.State is BreakerState.Open && await _queue.ReadUnackedAsync(cancellationToken) is { } unacked && WasQuiet(before))
            UnackedWhileOpen = Math.Max(UnackedWhileOpen ?? 0, unacked);
    }

    void ConsumerStarted(int prefetch)
    {
        if (_breaker.State is BreakerState.HalfOpen)
            ProbePrefetch = Math.Max(ProbePrefetch ?? 0, prefetch);
    }

    bool WasQuiet(BreakerSnapshot before) =>
        DateTimeOffset.UtcNow - before.Since >= _settling + Interval
        && _breaker.GetSnapshot().Generation == before.Generation;
}
