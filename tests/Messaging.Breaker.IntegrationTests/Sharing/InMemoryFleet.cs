using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A store in the test's memory, with one connection for each instance. Connections can be lost or hang.</summary>
public sealed class InMemoryFleet(TimeProvider? clock = null)
{
    readonly TimeProvider _time = clock ?? TimeProvider.System;
    readonly Lock _lock = new();
    readonly Dictionary<string, (SharedBreakerState State, long At)> _states = [];
    readonly Dictionary<string, (string Instance, long Until)> _leases = [];
    readonly Dictionary<string, (IReadOnlyCollection<string> Tripped, long Until)> _living = [];
    readonly Dictionary<(string List, string Id), (string Text, long At)> _entries = [];
    ImmutableArray<Connection> _connections = [];
    volatile TaskCompletionSource? _hang;
    volatile bool _isDown;
    int _calls;

    /// <summary>The number of answered calls.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public bool IsDown
    {
        get => _isDown;
        set
        {
            _isDown = value;
            Interrupt();
        }
    }

    /// <summary>The store carries out every call, but its answers are lost.</summary>
    public bool IsMute { get; set; }

    /// <summary>The store can be read but refuses every change, as a replica does.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>The store answers every change with its current state, as if another instance had been quicker.</summary>
    public bool Refusing { get; set; }

    /// <summary>Every change loses against another instance's change, whose break ends at once.</summary>
    public bool Racing { get; set; }

    /// <summary>States that the store adds to every answer.</summary>
    public IReadOnlyList<SharedBreakerState> Extra { get; set; } = [];

    /// <summary>A census that replaces the real one.</summary>
    public FleetMembership? Census { get; set; }

    /// <summary>Sends every watcher a state that no instance has decided.</summary>
    public void Tell(SharedBreakerState forged)
    {
        foreach (var connection in _connections)
            connection.Tell(forged);
    }

    /// <summary>Stores a change without telling the watchers.</summary>
    public void Hold(SharedBreakerState changed)
    {
        lock (_lock)
            _states[changed.Breaker] = (changed, _time.GetTimestamp());
    }

    /// <summary>The texts of a list.</summary>
    public IReadOnlyList<string> TextsOf(string list)
    {
        lock (_lock)
            return [.. _entries.Where(entry => entry.Key.List == list).Select(entry => entry.Value.Text)];
    }

    /// <summary>Adds an entry that no instance has written.</summary>
    public void Put(string list, string id, string text)
    {
        lock (_lock)
        {
            _entries.Remove((list, id));
            _entries[(list, id)] = (text, _time.GetTimestamp());
            foreach (var (oldest, _) in _entries.Where(entry => entry.Key.List == list).OrderBy(entry => entry.Value.At).SkipLast(200).ToList())
                _entries.Remove(oldest);
        }
    }

    /// <summary>Called while the store grants a lease.</summary>
    public Action? Leasing { get; set; }

    public bool HasHeardOf(string instance)
    {
        lock (_lock)
            return _living.ContainsKey(instance);
    }

    public IBreakerStateStore Connect()
    {
        var connection = new Connection(this);
        ImmutableInterlocked.Update(ref _connections, all => all.Add(connection));
        return connection;
    }

    /// <summary>Tells every watcher that it may have missed something.</summary>
    public void Interrupt()
    {
        foreach (var connection in _connections)
            connection.Interrupt();
    }

    /// <summary>Makes every call hang until the returned source is completed.</summary>
    public TaskCompletionSource Hang() => _hang = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Loses all states, like a store that keeps nothing on disk. It may get another state before anyone notices.</summary>
    public void Forget(SharedBreakerState? told = null)
    {
        lock (_lock)
        {
            _states.Clear();
            _leases.Clear();
            if (told is not null)
                _states[told.Breaker] = (told, After(-told.Age));
        }

        Interrupt();
    }

    public SharedBreakerState? this[string breaker]
    {
        get
        {
            lock (_lock)
                return _states.TryGetValue(breaker, out var held) ? held.State with { Age = _time.GetElapsedTime(held.At) } : null;
        }
    }

    SharedBreakerState Change(SharedBreakerState next)
    {
        if (Racing)
            next = next with { State = BreakerState.Open, Instance = "nobody", Length = TimeSpan.Zero };
        var follows = (this[next.Breaker]?.Version ?? 0) is var version && (next.Version == version + 1 || (next.Version == 1 && version == (1L << 52) - 1));
        if (this[next.Breaker] is var held && (Refusing || !follows))
            return held ?? next with { Version = 0 };
        next = next with { Age = TimeSpan.Zero };
        _states[next.Breaker] = (next, _time.GetTimestamp());
        _leases.Remove(next.Breaker);
        foreach (var connection in _connections)
            connection.Tell(next);
        return next;
    }

    bool TryLease(string breaker, long version, string instance, TimeSpan length)
    {
        var isHeld = _leases.TryGetValue(breaker, out var lease) && lease.Instance != instance && lease.Until > _time.GetTimestamp();
        if (isHeld || this[breaker]?.Version != version)
            return false;
        _leases[breaker] = (instance, After(length));
        Leasing?.Invoke();
        return true;
    }

    FleetMembership Announce(string instance, IReadOnlyCollection<string> tripped, TimeSpan validFor)
    {
        _living[instance] = (tripped, After(validFor));
        var living = _living.Values.Where(found => found.Until > _time.GetTimestamp()).ToList();
        return Census ?? new FleetMembership(
            living.Count, living.SelectMany(found => found.Tripped).GroupBy(name => name).ToDictionary(group => group.Key, group => group.Count()));
    }

    long After(TimeSpan length) => _time.GetTimestamp() + (long)(length.TotalSeconds * _time.TimestampFrequency);

    async Task<T> AnswerAsync<T>(Func<T> answer, CancellationToken cancellationToken)
    {
        if (_hang is { } hang)
            await hang.Task.WaitAsync(cancellationToken);
        if (_isDown)
            throw new IOException("The store is down.");
        Interlocked.Increment(ref _calls);
        lock (_lock)
        {
            var given = answer();
            return IsMute ? throw new IOException("The store's answer was lost.") : given;
        }
    }

    sealed class Connection(InMemoryFleet fleet) : IBreakerStateStore, ISharedLedger
    {
        Channel<SharedBreakerState?>? _watcher;

        public void Tell(SharedBreakerState state) => _watcher?.Writer.TryWrite(state);

        public void Interrupt() => _watcher?.Writer.TryWrite(null);

        public Task<IReadOnlyList<SharedBreakerState>> ReadAsync(IReadOnlyCollection<string> breakers, CancellationToken cancellationToken) =>
            fleet.AnswerAsync<IReadOnlyList<SharedBreakerState>>(() => [.. breakers.Select(name => fleet[name]).OfType<SharedBreakerState>(), .. fleet.Extra], cancellationToken);

        public Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken) =>
            fleet.AnswerAsync(() => fleet.IsReadOnly ? throw new IOException("The store is a replica.") : fleet.Change(next), cancellationToken);

        public Task<bool> TryLeaseProbeAsync(
            string breaker, long version, string instance, TimeSpan length, CancellationToken cancellationToken) =>
            fleet.AnswerAsync(() => fleet.TryLease(breaker, version, instance, length), cancellationToken);

        public Task<FleetMembership> AnnounceAsync(
            string instance, IReadOnlyCollection<string> tripped, TimeSpan validFor, CancellationToken cancellationToken) =>
            fleet.AnswerAsync(() => fleet.Announce(instance, tripped, validFor), cancellationToken);

        public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) => fleet.AnswerAsync(
            () =>
            {
                fleet.Put(list, id, text);
                return true;
            },
            cancellationToken);

        public Task<IReadOnlyList<SharedLedgerEntry>> ReadAsync(string list, CancellationToken cancellationToken) => fleet.AnswerAsync<IReadOnlyList<SharedLedgerEntry>>(
            () => [.. fleet._entries.Where(entry => entry.Key.List == list)
                .Select(entry => new SharedLedgerEntry(entry.Key.Id, entry.Value.Text, fleet._time.GetElapsedTime(entry.Value.At)))],
            cancellationToken);

        public async IAsyncEnumerable<SharedBreakerState?> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            _watcher = Channel.CreateUnbounded<SharedBreakerState?>();
            yield return null;
            await foreach (var state in _watcher.Reader.ReadAllAsync(cancellationToken))
                if (!fleet._isDown)
                    yield return state;
        }

        public ValueTask DisposeAsync()
        {
            ImmutableInterlocked.Update(ref fleet._connections, all => all.Remove(this));
            return default;
        }
    }
}
