using System.Collections.Concurrent;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// Shares the breakers' state over RabbitMQ alone. Every call is a command to the fleet's <see cref="FleetCoordinator"/>, and is sent again if
/// the connection or the coordinator is lost before the answer.
/// </summary>
sealed class BusStateStore : IBreakerStateStore, ISharedLedger
{
    static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);

    readonly BusSharingOptions _options;
    readonly TimeProvider _time;
    readonly StateAges _ages;
    readonly Watchers _watchers;
    readonly BusLink _link;
    readonly string _address;
    readonly ConcurrentDictionary<string, bool> _instances = new();
    int _disposed;

    /// <param name="factory">Connects to the broker.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The logs.</param>
    /// <param name="mayDecide">Whether it stands by to be the coordinator.</param>
    public BusStateStore(ConnectionFactory factory, BusSharingOptions options, TimeProvider time, ILoggerFactory loggers, bool mayDecide = true)
    {
        (_options, _time) = (options, time);
        _ages = new StateAges(time);
        _watchers = new Watchers(time);
        _address = $"{factory.Endpoint.HostName}:{factory.Endpoint.Port}{(factory.VirtualHost == "/" ? "" : $"/{factory.VirtualHost}")}"
            + (options.Address is null ? " (from RabbitMqTransportOptions, because ShareOverBus has no Address)" : "");
        var log = loggers.CreateLog();
        var topology = new FleetTopology(options.Prefix);
        _link = new BusLink(
            stopping => Session.OpenAsync(factory, topology, mayDecide ? _ages : null, options, Heed, time, log, stopping), _watchers, options.Prefix, _address, time, log);
    }

    public async Task<IReadOnlyList<SharedBreakerState>> ReadAsync(IReadOnlyCollection<string> breakers, CancellationToken cancellationToken) =>
        Heed((await AskAsync(new Read(breakers), cancellationToken).ConfigureAwait(false)).States ?? []);

    /// <summary>
    /// How many instances are alive according to the coordinator; a coordinator of an earlier version reports only that it is alive itself.
    /// </summary>
    public async Task<FleetPresence?> LookAsync(CancellationToken cancellationToken) =>
        new((await AskAsync(new Read([]) { All = true }, cancellationToken).ConfigureAwait(false)).Census?.Instances ?? 1, null);

    /// <summary>What the fleet knows of every breaker. A coordinator of an earlier version answers that it knows nothing.</summary>
    public async Task<IReadOnlyList<SharedBreakerState>> ReadAllAsync(CancellationToken cancellationToken) =>
        Heed((await AskAsync(new Read([]) { All = true }, cancellationToken).ConfigureAwait(false)).States ?? []);

    public async Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) =>
        (await AskAsync(new Change(next), cancellationToken).ConfigureAwait(false)).States is [var holds]
            ? holds
            : next with { Version = 0 }; // The current state cannot be read here, which concerns only this breaker.

    public async Task<bool> TryLeaseProbeAsync(
        string breaker, long version, string instance, TimeSpan length, CancellationToken cancellationToken)
    {
        _instances[instance] = true;
        return (await AskAsync(new LeaseProbe(breaker, version, instance, length), cancellationToken).ConfigureAwait(false)).IsGranted;
    }

    public async Task<FleetMembership> AnnounceAsync(
        string instance, IReadOnlyCollection<string> tripped, TimeSpan validFor, CancellationToken cancellationToken)
    {
        _instances[instance] = true;
        return (await AskAsync(new Announce(instance, tripped, validFor), cancellationToken).ConfigureAwait(false)).Census
            ?? throw new InvalidOperationException($"The coordinator's answer to the announcement of '{instance}' has no census.");
    }

    public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) => AskAsync(new PutEntry(list, id, text), cancellationToken);

    async Task<IReadOnlyList<SharedLedgerEntry>> ISharedLedger.ReadAsync(string list, CancellationToken cancellationToken) =>
        [.. ((await AskAsync(new ReadEntries(list), cancellationToken).ConfigureAwait(false)).Entries ?? []).Select(entry => new SharedLedgerEntry(entry.Id, entry.Text, entry.Age))];

    public IAsyncEnumerable<SharedBreakerState?> WatchAsync(CancellationToken cancellationToken) => _watchers.WatchAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (_link.Current is { } session)
        {
            using var limit = new CancellationTokenSource(LongestGoodbye, _time);
            await Task.WhenAll(_instances.Keys.Select(instance => session.TellAsync(new Leave(instance), limit.Token)))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _link.DisposeAsync().ConfigureAwait(false);
    }

    async Task<Answer> AskAsync(Command command, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.StoreTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                var session = await _link.GetAsync(either.Token).ConfigureAwait(false);
                if (await session.AskAsync(command, either.Token).ConfigureAwait(false) is not { } answer)
                    continue;
                return answer.Problem is null ? answer : throw new InvalidOperationException($"The fleet's coordinator refused a command: {answer.Problem}.");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The coordinator of the fleet '{_options.Prefix}' on RabbitMQ at {_address} did not answer within {_options.StoreTimeout}"
                + (_link.LastEnd is { } reason ? $"; its last connection ended because of: {reason}" : "."));
        }
    }

    void Heed(Session session, Notice notice)
    {
        Heed(notice.States);
        _watchers.Tell(session, notice);
    }

    IReadOnlyList<SharedBreakerState> Heed(IReadOnlyList<SharedBreakerState> states)
    {
        foreach (var state in states)
            _ages.Hear(state);
        return states;
    }
}
