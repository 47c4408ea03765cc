using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>Where the breakers are read and steered. What goes wrong is a <see cref="CommandException"/>.</summary>
interface ISource : IAsyncDisposable
{
    /// <summary>For messages, without credentials.</summary>
    string Address { get; }

    Task<FleetView> ReadAsync(CancellationToken cancellationToken);

    /// <summary>A view each time that there may be something new, at most every <paramref name="interval"/>. A source that was reached once and is lost is waited for.</summary>
    /// <param name="interval">How often.</param>
    /// <param name="lost">Told each time that it cannot be reached.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<FleetView> WatchAsync(TimeSpan interval, Action<string> lost, CancellationToken cancellationToken);

    /// <summary>The keys of a breaker that is split: the worst of those that are not closed, or those that contain a text.</summary>
    Task<KeysView> ReadKeysAsync(string breaker, string? search, int? most, CancellationToken cancellationToken);

    /// <returns>What was done, in words.</returns>
    Task<string> SteerAsync(SteeringOrder order, CancellationToken cancellationToken);

    Task<DeadLettersView> ReadDeadLettersAsync(CancellationToken cancellationToken);

    Task<DeadLetterReport> LookAsync(string queue, bool withBodies, CancellationToken cancellationToken);

    /// <returns>The runs after it began; the first is the new one.</returns>
    Task<DeadLettersView> RedriveAsync(string queue, JsonObject order, CancellationToken cancellationToken);

    Task<DeadLettersView> DiscardAsync(string queue, JsonObject order, CancellationToken cancellationToken);

    Task<DeadLettersView> CancelAsync(Guid run, CancellationToken cancellationToken);

    /// <summary>All that the source knows, for a file.</summary>
    Task<JsonObject> ExportAsync(CancellationToken cancellationToken);
}

/// <param name="IsOfEndpoint">Of an endpoint, and not of a breaker.</param>
/// <param name="Action">As in "isolate".</param>
/// <param name="Name">Of what.</param>
/// <param name="Reason">Why; may be empty for a resume.</param>
/// <param name="Length">For how long; null for what the action has by itself.</param>
/// <param name="IsUnlisted">The name is taken as it is, if the source does not know it yet.</param>
sealed record SteeringOrder(bool IsOfEndpoint, string Action, string Name, string Reason, TimeSpan? Length, bool IsUnlisted)
{
    /// <summary>Of this key of the breaker, and not of the whole; null for the whole.</summary>
    public string? Key { get; init; }

    /// <summary>On the instance whose page it is, and not on the fleet.</summary>
    public bool ThisInstanceOnly { get; init; }
}

/// <summary>The queues of dead letters, and the ledger.</summary>
/// <param name="Queues">The queues that can be looked at; null if the source cannot tell.</param>
/// <param name="Runs">Redrives and discards, the latest first.</param>
/// <param name="Trips">Trips of breakers, the latest first.</param>
/// <param name="Problem">Why this is not all; null if it is.</param>
/// <param name="Here">The runs that can be cancelled here.</param>
sealed record DeadLettersView(
    IReadOnlyList<DeadLetterSource>? Queues, IReadOnlyList<DeadLetterRun> Runs, IReadOnlyList<DeadLetterTrip> Trips, string? Problem, IReadOnlyList<Guid>? Here);
