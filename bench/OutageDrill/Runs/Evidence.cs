using OutageDrill.Dependency;
using OutageDrill.Scenarios;

namespace OutageDrill.Runs;

/// <summary>What the dependency and the broker know when a run is over.</summary>
sealed class Evidence(Scenario scenario, IReadOnlyCollection<DependencyCall> calls, IReadOnlyCollection<int> deadLettered, IReadOnlyCollection<int> queued)
{
    readonly HashSet<int> _handled = [.. calls.Where(call => call.Succeeded).Select(call => call.Order)];

    public int DeadLettered => deadLettered.Count;

    public int StillQueued => queued.Count;

    public int Duplicates => calls.Count(call => call.Succeeded) - _handled.Count;

    public int Lost => scenario.Messages - _handled.Union(deadLettered).Union(queued).Count();

    public IReadOnlyList<double> TroubledCalls => [.. calls.Where(call => call.Condition != Condition.Up).Select(call => call.Began).Order()];

    /// <summary>Only for troubles in which every call fails: in others, a silence need not be a pause.</summary>
    public double? CallsAfterResume => Resumes.CountCalls(
        TroubledCalls,
        [.. scenario.Timeline.Phases.Where(phase => phase.Condition is Condition.Down).Select(phase => (phase.From, phase.To))]);

    /// <summary>The first success of a call that began after the recovery.</summary>
    public double? FirstSuccess
    {
        get
        {
            var after = calls.Where(call => call.Succeeded && call.Began >= scenario.Timeline.Recovery).ToList();
            return after.Count > 0 ? after.Min(call => call.Ended) : null;
        }
    }

    /// <summary>How many messages waited at the recovery, in any place, without those that were never seen again.</summary>
    public int BacklogAtRecovery(IReadOnlyList<Sample> samples) => Outstanding(scenario.Timeline.Recovery, samples);

    /// <summary>When no more messages were left than can be under way at once. A dead-lettered message no longer waits.</summary>
    public double? FindDrained(IReadOnlyList<Sample> samples)
    {
        var ends = calls.Where(call => call.Ended >= scenario.Timeline.Recovery).Select(call => call.Ended)
            .Concat(samples.Where(sample => sample.Time >= scenario.Timeline.Recovery).Select(sample => sample.Time));
        foreach (var time in ends.Order())
        {
            if (Outstanding(time, samples) <= Scenario.Prefetch)
                return time;
        }

        return null;
    }

    int Outstanding(double time, IReadOnlyList<Sample> samples)
    {
        var published = Math.Min(scenario.Messages, (int)(time * scenario.Rate));
        return published - HandledBy(time) - samples.LastOrDefault(sample => sample.Time <= time).DeadLettered - Lost;
    }

    int HandledBy(double time) => FirstHandled.Count(ended => ended <= time);

    IReadOnlyList<double> FirstHandled => field ??=
        [.. calls.Where(call => call.Succeeded).GroupBy(call => call.Order).Select(order => order.Min(call => call.Ended))];
}
