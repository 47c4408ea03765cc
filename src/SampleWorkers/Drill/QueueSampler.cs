using System.Collections.Concurrent;
using Messaging.Breaker;

namespace SampleWorkers.Drill;

/// <summary>
/// Watches the queue from outside while the breakers are open. A reading counts only if all were open from well before it until after it.
/// </summary>
sealed class QueueSampler
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    readonly FleetTimeline _timeline;
    readonly IDrillQueue _queue;
    readonly TimeSpan _settling;
    readonly ConcurrentQueue<Reading> _consumers = new();
    readonly ConcurrentQueue<Reading> _unacked = new();
    readonly ConcurrentQueue<(string Worker, DateTimeOffset At, int Prefetch)> _starts = new();

    public QueueSampler(FleetTimeline timeline, IDrillQueue queue, TimeSpan settling)
    {
        _timeline = timeline;
        _queue = queue;
        _settling = settling;
        queue.WatchConsumers((worker, prefetch) => _starts.Enqueue((worker, DateTimeOffset.UtcNow, prefetch)));
    }

    public long? ConsumersWhileOpen => MostOf(_consumers);

    public long? UnackedWhileOpen => MostOf(_unacked);

    public int? ProbePrefetch => _starts
        .Where(start => _timeline.StateOf(start.Worker, start.At) is BreakerState.HalfOpen)
        .Max(start => (int?)start.Prefetch);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        RepeatAsync(_consumers, async () => (await _queue.ReadAsync(cancellationToken))?.Consumers, cancellationToken),
        RepeatAsync(_unacked, () => _queue.ReadUnackedAsync(cancellationToken), cancellationToken));

    async Task RepeatAsync(ConcurrentQueue<Reading> readings, Func<Task<long?>> read, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var began = DateTimeOffset.UtcNow;
                if (_timeline.States is [BreakerState.Open] && await read() is { } value)
                    readings.Enqueue(new Reading(began, DateTimeOffset.UtcNow, value));
                await Task.Delay(Interval, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    long? MostOf(IEnumerable<Reading> readings) => readings
        .Where(reading => _timeline.WereAllOpen(reading.Began - _settling, reading.Ended))
        .Max(reading => (long?)reading.Value);

    readonly record struct Reading(DateTimeOffset Began, DateTimeOffset Ended, long Value);
}
