namespace Messaging.Breaker.Benchmarks.Ramping;

/// <summary>A clock in microseconds that jumps from event to event, and random numbers that are the same in each run of a seed.</summary>
sealed class Simulation(int seed)
{
    public const long Millisecond = 1_000;
    public const long Second = 1_000_000;

    readonly PriorityQueue<Action, (long At, long Number)> _events = new();
    long _number;

    public Random Random { get; } = new(seed);

    public long Now { get; private set; }

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _number++));

    public void After(double delay, Action action) => At(Now + (long)delay, action);

    /// <summary>Returns false if no event is left, or none before <paramref name="end"/>.</summary>
    public bool Step(long end)
    {
        if (!_events.TryDequeue(out var action, out var key) || key.At > end)
            return false;
        Now = key.At;
        action();
        return true;
    }

    /// <summary>A factor distributed like response times: the median is one, and one in six is longer than by <paramref name="spread"/>.</summary>
    public double Jitter(double spread)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - Random.NextDouble())) * Math.Cos(2 * Math.PI * Random.NextDouble());
        return Math.Exp(Math.Log(1 + spread) * normal);
    }
}
