using System.Globalization;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker;

/// <summary>
/// How an instance takes part in its fleet, which is all instances that share one store. Set in code where the store is chosen, and
/// validated there. Not thread-safe while being set; do not change it afterwards.
/// </summary>
public class SharingOptions
{
    /// <summary>
    /// The name of this instance in the fleet, where each instance needs a different name. Up to 200 characters. Default null: the
    /// machine's name and the process id. Containers differ by the name, processes by the id.
    /// </summary>
    public string? InstanceName { get; set; }

    /// <summary>
    /// The share of the live instances, from 0 to 1, that must find a dependency dead by their own calls before the breaker opens on all of
    /// them. If fewer do, only those pause. Default 0: the first trip opens the breaker everywhere. With 0.5, one instance whose own
    /// network is broken cannot stop the fleet, and in an outage half of the instances have to trip themselves.
    /// </summary>
    public double TripQuorum { get; set; }

    /// <summary>
    /// How long the start of the host waits for the fleet's state, before any endpoint consumes. From 0 to 1 minute; default 2 s. After
    /// that the instance starts on its own and learns the state later.
    /// </summary>
    public TimeSpan StartupPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether an endpoint stays held while the store cannot say if the fleet holds it, for example when this instance starts while the
    /// store is away. Default false: the endpoint starts, as its breakers do, and learns later. With true, no endpoint starts without the
    /// store.
    /// </summary>
    public bool HoldUntilKnown { get; set; }

    /// <summary>
    /// How often the instance tells the store that it is alive. An instance that is silent for three times as long is no longer counted.
    /// From 100 ms to 5 minutes; default 10 s: only <see cref="TripQuorum"/> and the ramp after a close use the count, and fifty instances
    /// make five calls a second to the store.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the right to probe for the fleet outlives the instance that holds it. It is renewed three times as often. From 100 ms to 5
    /// minutes; default 5 s.
    /// </summary>
    public TimeSpan ProbeLease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a call to the store may take. After that the store counts as lost, and the instance continues on its own until the store
    /// answers again. From 10 ms to 1 minute; default 1 s. No message ever waits for the store.
    /// </summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The problems of the options, each with the option, its value and the remedy; empty if they are valid.</summary>
    protected internal virtual IEnumerable<string> Validate()
    {
        if (InstanceName is not null && (InstanceName.Length > 200 || string.IsNullOrWhiteSpace(InstanceName) || InstanceName.Any(char.IsControl)))
            yield return Problem(nameof(InstanceName), $"'{OneLine.Of(InstanceName, 200)}'", "must have 1 to 200 characters, not all blank, without control characters; leave it null for the machine's name and the process id");
        if (TripQuorum is not (>= 0 and <= 1))
            yield return Problem(nameof(TripQuorum), TripQuorum, "must be from 0 (one instance's trip opens the breaker everywhere) to 1 (all instances must agree)");
        foreach (var problem in Range(nameof(StartupPatience), StartupPatience, TimeSpan.Zero, TimeSpan.FromMinutes(1))
            .Concat(Range(nameof(Heartbeat), Heartbeat, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)))
            .Concat(Range(nameof(ProbeLease), ProbeLease, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)))
            .Concat(Range(nameof(StoreTimeout), StoreTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1))))
            yield return problem;
    }

    /// <summary>Reports an option that is out of its range, for <see cref="Validate"/>.</summary>
    protected static IEnumerable<string> Range(string option, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
            yield return Problem(option, value, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));
    }

    /// <summary>The sentence in which <see cref="Validate"/> reports an option, its value and the remedy.</summary>
    protected static string Problem(string option, object value, string demand) =>
        string.Create(CultureInfo.InvariantCulture, $"Sharing of breakers: {option} is {value}: {demand}.");
}
