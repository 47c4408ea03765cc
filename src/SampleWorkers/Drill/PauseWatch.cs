using System.Collections.Concurrent;
using Messaging.Breaker;

namespace SampleWorkers.Drill;

/// <summary>
/// Watches the queue from outside while the breakers are open. A pause takes time, because it waits for messages in flight. One figure is how long
/// the queue took to become quiet. The other is what was seen from then until a breaker was half-open.
/// </summary>
sealed class PauseWatch
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    readonly FleetTimeline _timeline;
    readonly IDrillQueue _queue;
    readonly ConcurrentQueue<Reading> _consumers = new();
    readonly ConcurrentQueue<Reading> _unacked = new();
    readonly ConcurrentQueue<(string Worker, DateTimeOffset At, int Prefetch)> _starts = new();

    public PauseWatch(FleetTimeline timeline, IDrillQueue queue)
    {
        _timeline = timeline;
        _queue = queue;
        queue.WatchConsumers((worker, prefetch) => _starts.Enqueue((worker, DateTimeOffset.UtcNow, prefetch)));
    }

    /// <summary>Null if the queue never became quiet, or that could not be seen.</summary>
    public long? ConsumersWhileOpen => MostOf(Consumers);

    /// <inheritdoc cref="ConsumersWhileOpen"/>
    public long? UnackedWhileOpen => MostOf(Unacked);

    /// <summary>The longest time from when the last worker opened until the queue was quiet, or until the last reading if it never was.</summary>
    public TimeSpan? QuietAfter => Consumers.Concat(Unacked).Max(opening => (TimeSpan?)opening.QuietAfter);

    public int? ProbePrefetch => _starts
        .Where(start => _timeline.StateOf(start.Worker, start.At) is BreakerState.HalfOpen)
        .Max(start => (int?)start.Prefetch);

    IEnumerable<Opening> Consumers => OpeningsOf(_consumers, oldReadings: 0);

    IEnumerable<Opening> Unacked => OpeningsOf(_unacked, _queue.OldReadings);

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

    static long? MostOf(IEnumerable<Opening> openings) => openings.Max(opening => opening.MostWhenQuiet);

    IEnumerable<Opening> OpeningsOf(IEnumerable<Reading> readings, int oldReadings) =>
        from opening in _timeline.GetOpenings()
        let seen = readings.Where(reading => reading.Began >= opening.From && reading.Ended <= opening.To).Skip(oldReadings).ToList()
        where seen.Count > 0
        let quiet = seen.FindIndex(reading => reading.Value == 0)
        select new Opening(
            seen[quiet < 0 ? ^1 : quiet].Ended - opening.From, quiet < 0 ? null : seen.Skip(quiet).Max(reading => reading.Value));

    readonly record struct Reading(DateTimeOffset Began, DateTimeOffset Ended, long Value);

    readonly record struct Opening(TimeSpan QuietAfter, long? MostWhenQuiet);
}
