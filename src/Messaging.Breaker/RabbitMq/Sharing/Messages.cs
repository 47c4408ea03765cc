using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>A command of an instance to the coordinator. Commands are idempotent, so if an answer is lost, the command is sent again.</summary>
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
    /// <summary>Whether all existing breakers are meant.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool All { get; init; }
}

sealed record Change(SharedBreakerState Next) : Command;

sealed record LeaseProbe(string Breaker, long Version, string Instance, TimeSpan Length) : Command;

sealed record Announce(string Instance, IReadOnlyCollection<string> Tripped, TimeSpan ValidFor) : Command;

/// <summary>The instance ends: it no longer counts, and its probe leases are free.</summary>
sealed record Leave(string Instance) : Command;

/// <summary>Adds an entry to a list, or replaces the one with the same id.</summary>
sealed record PutEntry(string List, string Id, string Text) : Command;

sealed record ReadEntries(string List) : Command;

/// <summary>The coordinator's answer; which part is set depends on the command.</summary>
/// <param name="States">The states that were asked for, or the current one after a change.</param>
/// <param name="IsGranted">Whether the probe lease was granted.</param>
/// <param name="Census">How many instances are alive.</param>
/// <param name="Problem">Why the command could not be understood; null if it was.</param>
/// <param name="Entries">The entries of the list that was asked for.</param>
sealed record Answer(
    IReadOnlyList<SharedBreakerState>? States = null,
    bool IsGranted = false,
    FleetMembership? Census = null,
    string? Problem = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<KeptEntry>? Entries = null)
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;
}

/// <summary>A notice of the coordinator to every instance.</summary>
/// <param name="States">The states that changed.</param>
/// <param name="IsComplete">
/// These are all states: a new coordinator has begun, and the previous one may have died before it announced its last change.
/// </param>
sealed record Notice(IReadOnlyList<SharedBreakerState> States, bool IsComplete)
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;
}

/// <summary>What the broker keeps for the coordinator: everything that the next one must know.</summary>
/// <param name="Revision">Grows by one each time it is written.</param>
/// <param name="WrittenAt">By the coordinator's clock. Used only by a coordinator that has not learned the age of a state.</param>
/// <param name="States">The breakers' states.</param>
/// <param name="Leases">The probe leases that may be held.</param>
/// <param name="Members">The instances that may be alive.</param>
sealed record Snapshot(
    long Revision,
    DateTimeOffset WrittenAt,
    IReadOnlyList<SharedBreakerState> States,
    IReadOnlyList<LeaseProbe> Leases,
    IReadOnlyList<Announce> Members) : ISnapshot
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;

    /// <summary>Fields that a later version added: a coordinator of this version passes them on.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>An entry of a list.</summary>
/// <param name="List">The list's name.</param>
/// <param name="Id">The entry's id.</param>
/// <param name="Text">The entry's text.</param>
/// <param name="Age">How long ago it was written.</param>
sealed record KeptEntry(string List, string Id, string Text, TimeSpan Age);

/// <summary>The lists, as the broker keeps them for the coordinator: apart from what the breakers need, which is written far more often.</summary>
/// <inheritdoc cref="Snapshot"/>
sealed record ListsSnapshot(long Revision, DateTimeOffset WrittenAt, IReadOnlyList<KeptEntry> Entries) : ISnapshot
{
    /// <inheritdoc cref="Command.Format"/>
    public int Format { get; init; } = SharedStateConverter.Format;

    /// <inheritdoc cref="Snapshot.Unknown"/>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>What a coordinator writes for the next one.</summary>
interface ISnapshot
{
    /// <summary>Grows by one each time it is written.</summary>
    long Revision { get; }
}
