using System.Globalization;

namespace Messaging.Breaker.Sharing;

/// <summary>What the breakers of one instance have in common in the fleet: its name, its options, and the store under a time limit.</summary>
sealed class Fleet(IBreakerStateStore store, SharingOptions options, TimeProvider time)
{
    // Within a process several hosts may be members.
    static int _unnamed;

    public string Instance { get; } = options.InstanceName ?? DefaultName(Interlocked.Increment(ref _unnamed));

    public SharingOptions Options => options;

    /// <summary>Whether the store answers; otherwise the instance goes on by itself.</summary>
    public bool IsReachable { get; set; }

    public FleetCensus Census { get; private set; } = new(1, new Dictionary<string, int>());

    /// <summary>How long a breaker waits, after its break, for an answer of the store: as long as taking the lease may take.</summary>
    public TimeSpan Grace => 3 * options.StoreTimeout;

    public Task<IReadOnlyList<SharedBreakerState>> ReadAsync(IReadOnlyCollection<string> breakers, CancellationToken cancellationToken) =>
        InTimeAsync(token => store.ReadAsync(breakers, token), cancellationToken);

    public Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) =>
        InTimeAsync(token => store.ChangeAsync(next, token), cancellationToken);

    public Task<bool> TryLeaseProbeAsync(string breaker, long version, CancellationToken cancellationToken) =>
        InTimeAsync(token => store.TryLeaseProbeAsync(breaker, version, Instance, options.ProbeLease, token), cancellationToken);

    public async Task AnnounceAsync(IReadOnlyCollection<string> tripped, CancellationToken cancellationToken) => Census =
        await InTimeAsync(token => store.AnnounceAsync(Instance, tripped, 3 * options.Heartbeat, token), cancellationToken).ConfigureAwait(false);

    /// <summary>Whether so many instances find the dependency dead that the fleet may believe it.</summary>
    public bool Agrees(string breaker) =>
        Census.Tripped.GetValueOrDefault(breaker) >= Math.Max(1, (int)Math.Ceiling(options.TripQuorum * Census.Instances - 1e-9));

    /// <summary>Spreads what all instances would do at the same moment.</summary>
    public static TimeSpan Spread(TimeSpan most) => most * Random.Shared.NextDouble();

    static string DefaultName(int count)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");
        return count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{count}");
    }

    async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.StoreTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // A store that ignores the token is left behind all the same.
            return await call(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no answer within {options.StoreTimeout.TotalSeconds:0.###} s"));
        }
    }
}
