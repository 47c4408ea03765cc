using OutageDrill.Broker;

namespace OutageDrill.Runs;

/// <summary>Reads the queues, many times a second.</summary>
sealed class Sampler(QueueReader reader, DrillClock clock, string queue, IReadOnlyList<string> deadLetterQueues)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    readonly List<Sample> _samples = [];

    public IReadOnlyList<Sample> Samples => _samples;

    public Sample Last => _samples.Count > 0 ? _samples[^1] : default;

    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        var depth = await reader.CountAsync(queue, cancellationToken);
        var deadLettered = 0;
        foreach (var other in deadLetterQueues)
            deadLettered += await reader.CountAsync(other, cancellationToken);
        _samples.Add(new Sample(clock.Now, depth, deadLettered));
        await Task.Delay(Interval, cancellationToken);
    }
}
