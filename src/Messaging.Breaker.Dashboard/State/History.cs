using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Dashboard.State;

/// <summary>The last minutes, so that a page opened in the middle of an outage shows how it began. Bounded; thread-safe.</summary>
sealed class History(IOptions<BreakerDashboardOptions> options)
{
    const int MostEntries = 200;

    readonly Lock _lock = new();
    readonly int _mostSamples = (int)options.Value.History.TotalSeconds;
    readonly Queue<Sample> _samples = new();
    readonly Queue<TimelineEntry> _entries = new();
    readonly Dictionary<string, Outage> _outages = [];
    long _lastNumber;

    /// <summary>The outages of the breakers that are not closed.</summary>
    public IReadOnlyList<Outage> Outages
    {
        get
        {
            lock (_lock)
                return [.. _outages.Values];
        }
    }

    public void Add(DashboardState state)
    {
        var sample = new Sample(
            state.At.ToUnixTimeMilliseconds() / 1000.0,
            state.Endpoints.Select(endpoint => endpoint.Queue).OfType<QueueView>().Concat(state.OtherQueues)
                .GroupBy(queue => queue.Name).ToDictionary(group => group.Key, group => group.First().Ready),
            state.Breakers.ToDictionary(breaker => breaker.Name, breaker => (breaker.Calls, breaker.FailedCalls)));
        lock (_lock)
        {
            if (_samples.Count == _mostSamples)
                _samples.Dequeue();
            _samples.Enqueue(sample);
        }
    }

    public void Add(Transition transition)
    {
        lock (_lock)
        {
            if (transition.To == BreakerState.Closed)
                _outages.Remove(transition.Breaker);
            else
                _outages.TryAdd(transition.Breaker, new Outage(transition.Breaker, transition.At, transition.Reason));
        }

        Add(number => TimelineEntry.Of(number, transition));
    }

    public void Add(Func<long, TimelineEntry> entry)
    {
        lock (_lock)
        {
            if (_entries.Count == MostEntries)
                _entries.Dequeue();
            _entries.Enqueue(entry(++_lastNumber));
        }
    }

    /// <summary>The entries after the one with that number, oldest first.</summary>
    public IReadOnlyList<TimelineEntry> EntriesAfter(long number)
    {
        lock (_lock)
            return [.. _entries.Where(entry => entry.Number > number)];
    }

    public HistoryColumns Samples()
    {
        Sample[] samples;
        lock (_lock)
            samples = [.. _samples];
        return HistoryColumns.Of(samples);
    }

    public sealed record Sample(
        double At, IReadOnlyDictionary<string, long> Ready, IReadOnlyDictionary<string, (long Calls, long Failed)> Breakers);
}
