using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Outages;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>Where breakers are read and steered. Errors are <see cref="CommandException"/>s.</summary>
interface ISource : IAsyncDisposable
{
    /// <summary>For messages, without credentials.</summary>
    string Address { get; }

    Task<FleetView> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// A view whenever there may be something new, at most every <paramref name="interval"/>. If a source that was reached once is lost, this
    /// waits for it.
    /// </summary>
    /// <param name="interval">How often.</param>
    /// <param name="lost">Called each time the source cannot be reached.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<FleetView> WatchAsync(TimeSpan interval, Action<string> lost, CancellationToken cancellationToken);

    /// <summary>The keys of a breaker that is split: the worst of those that are not closed, or those that contain a text.</summary>
    Task<KeysView> ReadKeysAsync(string breaker, string? search, int? most, CancellationToken cancellationToken);

    /// <summary>The past outages, the latest first.</summary>
    Task<OutagesView> ReadOutagesAsync(CancellationToken cancellationToken);

    /// <returns>What was done, in words.</returns>
    Task<string> SteerAsync(SteeringOrder order, CancellationToken cancellationToken);

    Task<DeadLettersView> ReadDeadLettersAsync(CancellationToken cancellationToken);

    Task<DeadLetterReport> LookAsync(string queue, bool withBodies, CancellationToken cancellationToken);

    /// <returns>The runs after it has begun; the first one is the new one.</returns>
    Task<DeadLettersView> RedriveAsync(string queue, JsonObject order, CancellationToken cancellationToken);

    Task<DeadLettersView> DiscardAsync(string queue, JsonObject order, CancellationToken cancellationToken);

    Task<DeadLettersView> CancelAsync(Guid run, CancellationToken cancellationToken);

    /// <summary>Everything the source knows, for a file.</summary>
    Task<JsonObject> ExportAsync(CancellationToken cancellationToken);
}

/// <param name="IsOfEndpoint">Whether it is for an endpoint, and not for a breaker.</param>
/// <param name="Action">As in "isolate".</param>
/// <param name="Name">The breaker or endpoint.</param>
/// <param name="Reason">Why; may be empty for a resume.</param>
/// <param name="Length">For how long; null for the action's default.</param>
/// <param name="IsUnlisted">Whether to accept a name that the source does not know yet.</param>
sealed record SteeringOrder(bool IsOfEndpoint, string Action, string Name, string Reason, TimeSpan? Length, bool IsUnlisted)
{
    /// <summary>The key of the breaker that is meant; null for the whole breaker.</summary>
    public string? Key { get; init; }

    /// <summary>Only on the page's instance, not on the fleet.</summary>
    public bool ThisInstanceOnly { get; init; }
}

/// <summary>The queues of dead letters, and the ledger.</summary>
/// <param name="Queues">The queues that can be looked at; null if the source cannot tell.</param>
/// <param name="Runs">Redrives and discards, the latest first.</param>
/// <param name="Trips">Trips of breakers, the latest first.</param>
/// <param name="Problem">Why the list is incomplete; null if it is complete.</param>
/// <param name="Here">The runs that can be cancelled here.</param>
sealed record DeadLettersView(
    IReadOnlyList<DeadLetterSource>? Queues, IReadOnlyList<DeadLetterRun> Runs, IReadOnlyList<DeadLetterTrip> Trips, string? Problem, IReadOnlyList<Guid>? Here);
