using Messaging.Breaker;

namespace SampleWorkers.Drill;

/// <summary>
/// The transitions of one breaker in every worker, as the workers report them. A report may be late, but its time is exact, since all processes read
/// the clock of one machine. Everything else that was seen is compared with these times afterwards.
/// </summary>
sealed class FleetTimeline(IReadOnlyList<string> workers)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, List<Transition>> _transitions = workers.ToDictionary(worker => worker, _ => new List<Transition>());

    /// <summary>Trips that a worker decided by its own calls, without those that it heard of.</summary>
    public int Trips => Count(transition => transition is { From: BreakerState.Closed, To: BreakerState.Open, Instance: null });

    public int Reopens => Count(transition => transition is { From: BreakerState.HalfOpen, To: BreakerState.Open, Instance: null });

    /// <summary>The states that the workers are in, each once.</summary>
    public IReadOnlyList<BreakerState> States => StatesAt(DateTimeOffset.MaxValue);

    public bool AreAllClosed => States is [BreakerState.Closed];

    public void Add(string worker, Transition transition)
    {
        lock (_lock)
            _transitions[worker].Add(transition);
    }

    /// <summary>When the first worker opened after that time.</summary>
    public DateTimeOffset? FirstTripAfter(DateTimeOffset at) => InOrder()
        .FirstOrDefault(transition => transition is { From: BreakerState.Closed, To: BreakerState.Open } && transition.At >= at)?.At;

    public BreakerState StateOf(string worker, DateTimeOffset at)
    {
        lock (_lock)
            return _transitions[worker].LastOrDefault(transition => transition.At <= at)?.To ?? BreakerState.Closed;
    }

    /// <summary>Whether a worker was closed during all of that time.</summary>
    public bool WasClosed(string worker, DateTimeOffset from, DateTimeOffset to)
    {
        lock (_lock)
            return StateOf(worker, from) is BreakerState.Closed && !_transitions[worker].Exists(transition => transition.At > from && transition.At <= to);
    }

    /// <summary>The periods in which every worker was open, in order.</summary>
    public IReadOnlyList<Period> GetOpenings() => PeriodsOf(states => states is [BreakerState.Open]);

    /// <summary>The periods in which any worker was half-open, in order. Overlapping rounds of several workers are one.</summary>
    public IReadOnlyList<Period> GetRounds() => PeriodsOf(states => states.Contains(BreakerState.HalfOpen));

    /// <summary>
    /// How much of the breaks was left when the dependency came back: the time until the start of the last round of probes before the fleet closed.
    /// No message can be handled earlier.
    /// </summary>
    public TimeSpan RestOfBreak(DateTimeOffset recovered)
    {
        var rounds = InOrder()
            .SkipWhile(transition => transition.At <= recovered)
            .TakeWhile(transition => StatesAt(transition.At) is not [BreakerState.Closed])
            .Where(transition => transition.To is BreakerState.HalfOpen);
        return rounds.LastOrDefault() is { } last ? last.At - recovered : TimeSpan.Zero;
    }

    public override string ToString() => string.Join(", ", States);

    List<Period> PeriodsOf(Predicate<IReadOnlyList<BreakerState>> predicate)
    {
        var periods = new List<Period>();
        DateTimeOffset? began = null;
        foreach (var at in InOrder().Select(transition => transition.At))
            if (predicate(StatesAt(at)))
                began ??= at;
            else if (began is { } start)
            {
                periods.Add(new Period(start, at));
                began = null;
            }

        if (began is { } last)
            periods.Add(new Period(last, DateTimeOffset.MaxValue));
        return periods;
    }

    IReadOnlyList<BreakerState> StatesAt(DateTimeOffset at) => [.. workers.Select(worker => StateOf(worker, at)).Distinct()];

    int Count(Predicate<Transition> predicate) => InOrder().Count(transition => predicate(transition));

    IReadOnlyList<Transition> InOrder()
    {
        lock (_lock)
            return [.. _transitions.Values.SelectMany(told => told).OrderBy(transition => transition.At)];
    }
}

readonly record struct Period(DateTimeOffset From, DateTimeOffset To);
