using System.Globalization;
using System.Runtime.CompilerServices;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>What the breakers of one instance share in the fleet: its name, its options, and the store under a time limit.</summary>
sealed class Fleet(IBreakerStateStore store, SharingOptions options, TimeProvider time, ILogger log)
{
    // Several hosts in a process may be members, each with its own options.
    static readonly ConditionalWeakTable<SharingOptions, string> Unnamed = [];
    static int _unnamed;

    readonly HashSet<string> _doubted = new(StringComparer.OrdinalIgnoreCase);

    // What a peer invents must not fill the memory.
    const int MostDoubted = 1_000;
    const int LongestName = 100;

    public string Instance { get; } = options.InstanceName ?? Unnamed.GetValue(options, _ => DefaultName(Interlocked.Increment(ref _unnamed)));

    public SharingOptions Options => options;

    /// <summary>Whether the store answers; if not, the instance continues on its own.</summary>
    public bool IsReachable { get; set; }

    public FleetMembership Census { get; private set; } = new(1, new Dictionary<string, int>());

    /// <summary>How long a breaker waits for the store's answer after its break: as long as taking the lease may take.</summary>
    public TimeSpan Grace => 3 * options.StoreTimeout;

    /// <summary>What the store knows, by the breakers' shared names, without states that are not credible.</summary>
    public async Task<IReadOnlyDictionary<string, SharedBreakerState>> ReadAsync(
        IReadOnlyCollection<string> breakers, CancellationToken cancellationToken)
    {
        var read = await InTimeAsync(token => store.ReadAsync(breakers, token), cancellationToken).ConfigureAwait(false) ?? [];
        var believed = new Dictionary<string, SharedBreakerState>();
        foreach (var state in read)
            if (Believe(state) is { } good)
                believed[FleetBreaker.SharedName(good.Breaker)] = good;
        return believed;
    }

    /// <returns>The state afterwards; null if there is none, or it is not credible.</returns>
    public async Task<SharedBreakerState?> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) =>
        Believe(await InTimeAsync(token => store.ChangeAsync(next, token), cancellationToken).ConfigureAwait(false), next.Breaker);

    /// <summary>
    /// Every state from any store passes through here. One that is not credible counts as none, and is logged once for each breaker until it is
    /// credible again. Called only by the member's loop.
    /// </summary>
    public SharedBreakerState? Believe(SharedBreakerState? state, string? breaker = null)
    {
        breaker ??= state?.Breaker ?? "";
        if (StateCheck.Problem(state) is not { } problem)
        {
            _doubted.Remove(breaker);
            return StateCheck.Tidy(state!);
        }

        if (_doubted.Count < MostDoubted && _doubted.Add(breaker))
            log.SharedStateDoubted(OneLine.Of(breaker, LongestName), problem);
        return null;
    }

    public Task<bool> TryLeaseProbeAsync(string breaker, long version, CancellationToken cancellationToken) =>
        TryLeaseAsync(breaker, version, options.ProbeLease, cancellationToken);

    public Task<bool> TryLeaseAsync(string name, long version, TimeSpan length, CancellationToken cancellationToken) =>
        InTimeAsync(token => store.TryLeaseProbeAsync(name, version, Instance, length, token), cancellationToken);

    public async Task AnnounceAsync(IReadOnlyCollection<string> tripped, CancellationToken cancellationToken)
    {
        var census = await InTimeAsync(token => store.AnnounceAsync(Instance, tripped, 3 * options.Heartbeat, token), cancellationToken).ConfigureAwait(false);
        Census = census is { Instances: > 0, Tripped: not null } ? census : new FleetMembership(1, new Dictionary<string, int>());
    }

    /// <summary>Whether enough instances find the dependency dead for the fleet to accept it.</summary>
    public bool Agrees(string breaker) =>
        Census.Tripped.GetValueOrDefault(breaker) >= Math.Max(1, (int)Math.Ceiling(options.TripQuorum * Census.Instances - 1e-9));

    /// <summary>Spreads out what all instances would do at the same moment.</summary>
    public static TimeSpan Spread(TimeSpan most) => most * Random.Shared.NextDouble();

    /// <param name="count">The number of this member among the process's members without another name.</param>
    public static string DefaultName(int count = 1)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");
        return count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{count}");
    }

    Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        StoreCall.InTimeAsync(call, options.StoreTimeout, time, cancellationToken);
}
