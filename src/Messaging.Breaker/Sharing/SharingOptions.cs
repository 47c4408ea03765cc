using System.Globalization;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker;

/// <summary>
/// How an instance takes part in its fleet, which is all that share one store. Set in code where the store is chosen, and validated there;
/// not thread-safe while being set, and not to be changed afterwards.
/// </summary>
public class SharingOptions
{
    /// <summary>
    /// The name by which the others know this instance; no two of a fleet may have the same. Up to 200 characters. Default null: the
    /// machine's name and the process's id, which containers tell apart by the name and processes by the id.
    /// </summary>
    public string? InstanceName { get; set; }

    /// <summary>
    /// The share of the living instances, from 0 to 1, that must find a dependency dead by their own calls before the breaker opens on all of
    /// them; fewer pause only themselves. Default 0: the first trip opens everywhere. With 0.5 one instance whose own network is broken
    /// cannot stop the fleet, and an outage costs each of that half its own trip.
    /// </summary>
    public double TripQuorum { get; set; }

    /// <summary>
    /// How long the start of the host waits for what the fleet knows, before any endpoint consumes. From 0 to 1 minute; default 2 s, after
    /// which the instance starts by itself and learns later.
    /// </summary>
    public TimeSpan StartupPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether an endpoint stays held while the store cannot say if the fleet holds it, as when this instance starts and the store is away.
    /// Default false: it starts then, as its breakers do, and learns later. True makes the store something that a start needs.
    /// </summary>
    public bool HoldUntilKnown { get; set; }

    /// <summary>
    /// How often the instance tells the store that it lives. One that was silent for three times as long is no longer counted. From 100 ms
    /// to 5 minutes; default 10 s: the count only serves <see cref="TripQuorum"/> and the ramp after a close, and fifty instances cost the store
    /// five calls a second.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the right to probe for the fleet outlives the instance that holds it. It is prolonged three times as often. From 100 ms to 5
    /// minutes; default 5 s.
    /// </summary>
    public TimeSpan ProbeLease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a call to the store may take. Then the store counts as lost and the instance goes on by itself, until the store answers
    /// again. From 10 ms to 1 minute; default 1 s. No message ever waits for the store.
    /// </summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with the options, each naming option, value and remedy; nothing if they are valid.</summary>
    protected internal virtual IEnumerable<string> Validate()
    {
        if (InstanceName is not null && (InstanceName.Length > 200 || string.IsNullOrWhiteSpace(InstanceName) || InstanceName.Any(char.IsControl)))
            yield return Problem(nameof(InstanceName), $"'{OneLine.Of(InstanceName, 200)}'", "must have 1 to 200 characters, not all blank and no control characters; leave it null for the machine's name and the process's id");
        if (TripQuorum is not (>= 0 and <= 1))
            yield return Problem(nameof(TripQuorum), TripQuorum, "must be from 0 (one trip opens all) to 1 (all must agree)");
        foreach (var problem in Range(nameof(StartupPatience), StartupPatience, TimeSpan.Zero, TimeSpan.FromMinutes(1))
            .Concat(Range(nameof(Heartbeat), Heartbeat, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)))
            .Concat(Range(nameof(ProbeLease), ProbeLease, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)))
            .Concat(Range(nameof(StoreTimeout), StoreTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1))))
            yield return problem;
    }

    /// <summary>Says that an option is out of its range, for <see cref="Validate"/>.</summary>
    protected static IEnumerable<string> Range(string option, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
            yield return Problem(option, value, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));
    }

    /// <summary>The sentence in which <see cref="Validate"/> names an option, its value and the remedy.</summary>
    protected static string Problem(string option, object value, string demand) =>
        string.Create(CultureInfo.InvariantCulture, $"Sharing of breakers: {option} is {value}: {demand}.");
}
