using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>What an instance asks of the clerk. To ask twice does no harm, so a lost answer is only asked for again.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(Read), "read")]
[JsonDerivedType(typeof(Change), "change")]
[JsonDerivedType(typeof(LeaseProbe), "lease-probe")]
[JsonDerivedType(typeof(Announce), "announce")]
[JsonDerivedType(typeof(Leave), "leave")]
[JsonDerivedType(typeof(PutEntry), "put-entry")]
[JsonDerivedType(typeof(ReadEntries), "read-entries")]
abstract record Command
{
    /// <summary>The version of the format.</summary>
    public int Format { get; init; } = SharedStateConverter.Format;
}

sealed record Read(IReadOnlyCollection<string> Breakers) : Command
{
    /// <summary>All that there are are meant.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool All { get; init; }
}

sealed record Change(SharedBreakerState Next) : Command;

sealed record LeaseProbe(string Breaker, long Version, string Instance, TimeSpan Length) : Command;

sealed record Announce(string Instance, IReadOnlyCollection<string> Tripped, TimeSpan ValidFor) : Command;

/// <summary>The instance ends: it is no longer counted, and its probe leases are free.</summary>
sealed record Leave(string Instance) : Command;

/// <summary>Puts an entry on a list, or in the place of the one with the same id.</summary>
sealed record PutEntry(string List, string Id, string Text) : Command;

sealed record ReadEntries(string List) : Command;

/// <summary>The clerk's answer; which part is there depends on the command.</summary>
/// <param name="States">The states that were asked for, or the one that holds after a change.</param>
/// <param name="IsGranted">Whether the probe lease was given.</param>
/// <param name="Census">Who lives.</param>
/// <param name="Problem">Why the command could not be understood; null if it was.</param>
/// <param name="Entries">The entries of the list that was asked for.</param>
sealed record Answer(
    IReadOnlyList<SharedBreakerState>? States = null,
    bool IsGranted = false,
    FleetCensus? Census = null,
    string? Problem = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<KeptEntry>? Entries = null)
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;
}

/// <summary>What the clerk tells every instance.</summary>
/// <param name="States">The states that changed.</param>
/// <param name="IsComplete">They are all that there are: a new clerk has begun, and the one before may have died before it told of its last change.</param>
sealed record Notice(IReadOnlyList<SharedBreakerState> States, bool IsComplete)
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;
}

/// <summary>What the broker keeps for the clerk: all that the next one must know.</summary>
/// <param name="Revision">Grows by one each time that it is written.</param>
/// <param name="WrittenAt">By the clerk's clock. Used only by a clerk to which nobody has told the age of a state.</param>
/// <param name="States">The breakers' states.</param>
/// <param name="Leases">The probe leases that may be held.</param>
/// <param name="Members">The instances that may live.</param>
sealed record Snapshot(
    long Revision,
    DateTimeOffset WrittenAt,
    IReadOnlyList<SharedBreakerState> States,
    IReadOnlyList<LeaseProbe> Leases,
    IReadOnlyList<Announce> Members) : ISnapshot
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;

    /// <summary>What a later version wrote besides: a clerk of this one hands it on.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>An entry of a list.</summary>
/// <param name="List">The list's name.</param>
/// <param name="Id">By what it is known.</param>
/// <param name="Text">What was put.</param>
/// <param name="Age">How long ago.</param>
sealed record KeptEntry(string List, string Id, string Text, TimeSpan Age);

/// <summary>The lists, as the broker keeps them for the clerk: apart from what the breakers need, which is written far more often.</summary>
/// <inheritdoc cref="Snapshot"/>
sealed record ListsSnapshot(long Revision, DateTimeOffset WrittenAt, IReadOnlyList<KeptEntry> Entries) : ISnapshot
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;

    /// <inheritdoc cref="Snapshot.Unknown"/>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>What a clerk writes for the next one.</summary>
interface ISnapshot
{
    /// <summary>Grows by one each time that it is written.</summary>
    long Revision { get; }
}
