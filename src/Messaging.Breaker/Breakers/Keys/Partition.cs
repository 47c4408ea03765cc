using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using MassTransit;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Breakers.Keys;

/// <summary>
/// The keys of one breaker. Each key that fails has its own breaker. When half of the keys in use are open, the breaker of the whole opens
/// instead. While the whole is not closed, its state applies to all of its keys.
/// </summary>
sealed class Partition : IBreakerKeys, IDisposable
{
    const int LongestKey = 200;
    const int TicksOfWindow = 10;
    const int FewestOpen = 5;

    readonly KeySelectors _selectors;
    readonly Func<string, BreakerOptions> _optionsOf;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly ITimer _ticking;
    readonly KeyReport _report;
    readonly ConcurrentDictionary<string, BreakerKey> _keys = new(StringComparer.Ordinal);
    readonly Lock _forgetting = new();
    ImmutableArray<Action<BreakerKey, Transition>> _listeners = [];
    volatile int _tick;
    int _hasThrown;
    int _isFull;

    /// <param name="whole">The breaker that is split.</param>
    /// <param name="selectors">How the key of a message is found.</param>
    /// <param name="optionsOf">The options of a key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public Partition(CircuitBreaker whole, KeySelectors selectors, Func<string, BreakerOptions> optionsOf, TimeProvider time, ILogger log)
    {
        (Whole, _selectors, _optionsOf, _time, _log) = (whole, selectors, optionsOf, time, log);
        _report = new KeyReport(All, time);
        var period = whole.Options.SamplingDuration / TicksOfWindow;
        using (ExecutionContext.SuppressFlow())
            _ticking = time.CreateTimer(_ => Tick(), null, period, period);
    }

    public CircuitBreaker Whole { get; }

    /// <summary>The number of remembered keys.</summary>
    public int Count => _keys.Count;

    /// <summary>All keys that are not simply healthy.</summary>
    public IEnumerable<BreakerKey> Suspects => All.Where(key => key.Breaker is not null || key.HasQueue);

    // Unlike the dictionary's Values, this takes no lock and makes no copy.
    IEnumerable<BreakerKey> All => _keys.Select(entry => entry.Value);

    /// <summary>The sizes of the parked messages.</summary>
    public MessageSizes ParkedSizes { get; } = new();

    IReadOnlyList<BreakerKeySnapshot> IBreakerKeys.NotClosed => _report.NotClosed;

    int IBreakerKeys.Remembered => Count;

    IBreaker IBreakerKeys.this[string key]
    {
        get
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            return new KeyHandle(this, Normalize(key));
        }
    }

    public BreakerKeySummary Summarize() => _report.Summarize();

    public IReadOnlyList<BreakerKeySnapshot> Worst(int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        return _report.Worst(most);
    }

    public IReadOnlyList<BreakerKeySnapshot> Find(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        return _report.Find(text.Length > LongestKey ? Normalize(text) : text, most);
    }

    /// <summary>Called for each transition of a key's breaker, on the thread that caused it; must be quick.</summary>
    public void Listen(Action<BreakerKey, Transition> listener) => ImmutableInterlocked.Update(ref _listeners, all => all.Add(listener));

    public void Forget(Action<BreakerKey, Transition> listener) => ImmutableInterlocked.Update(ref _listeners, all => all.Remove(listener));

    /// <summary>
    /// How many messages of a key may be in flight at once: its share of the places or, where more than that share is taken, an eighth of the
    /// places. So keys that hang together leave the others as many places as a single hanging key would.
    /// </summary>
    /// <param name="places">How many messages of the endpoint can be in flight at once.</param>
    /// <param name="taken">How many are.</param>
    public int ShareOf(int places, int taken)
    {
        var share = Math.Max(1, (int)(places * Whole.Options.KeyShare));
        return taken > share ? Math.Max(Math.Min(2, share), share / 4) : share;
    }

    /// <summary>
    /// The key of an arriving message, which has to <see cref="BreakerKey.Leave"/>; null if the message belongs to the whole.
    /// </summary>
    public BreakerKey? Enter(ConsumeContext context) => NameOf(context) is { } name ? Enter(name) : null;

    /// <summary>The key that a call gives for its message; the call enters the key on the message's behalf.</summary>
    public BreakerKey? EnterByCall(string? key) => string.IsNullOrEmpty(key) ? null : Enter(key);

    /// <summary>The key of a call outside a message; null if the call belongs to the whole.</summary>
    public BreakerKey? Find(string? key)
    {
        if (EnterByCall(key) is not { } found)
            return null;
        found.Leave(hasRun: false);
        return found;
    }

    /// <inheritdoc cref="Enter(ConsumeContext)"/>
    public BreakerKey? Enter(string name)
    {
        if (_keys.TryGetValue(name, out var key) && key.TryEnter(_tick))
            return key;
        name = Normalize(name);
        while (true)
        {
            if (!_keys.TryGetValue(name, out key) && (key = Add(name)) is null)
                return null;
            if (key.TryEnter(_tick))
                return key;
        }
    }

    /// <summary>The key with that name, which is remembered even beyond the limit.</summary>
    public BreakerKey Get(string name) => _keys.GetOrAdd(name, static (name, partition) => new BreakerKey(name, partition), this);

    /// <summary>Applies an action to the breaker of a key, which is not forgotten in the meantime.</summary>
    public T Do<T>(string name, Func<CircuitBreaker, T> act)
    {
        lock (_forgetting)
            return act(Get(name).GetOrCreateBreaker());
    }

    public CircuitBreaker CreateBreaker(BreakerKey key)
    {
        var breaker = new CircuitBreaker(
            string.Create(CultureInfo.InvariantCulture, $"{Whole.Name}[{OneLine.Of(key.Name, LongestKey)}]"),
            _optionsOf(key.Name), _time, Random.Shared, transition => OnTransition(key, transition))
        {
            IsLocal = true,
            Key = key,
        };
        breaker.FollowMode(Whole.Mode);
        return breaker;
    }

    /// <summary>
    /// The whole has changed, so messages that wait for a key have to check again. When it opens, it replaces its keys' breakers.
    /// </summary>
    public void FollowWhole(Transition transition)
    {
        foreach (var key in Suspects)
        {
            if (key.Breaker is not { } own)
                continue;
            own.FollowMode(transition.Mode);
            if (transition is { To: BreakerState.Open or BreakerState.Isolated, Mode: BreakerMode.Enforcing } && own.State is BreakerState.Open or BreakerState.HalfOpen)
                own.Reset($"breaker '{Whole.Name}' opened, which applies to all of its keys");
            own.Reconsider();
        }
    }

    public void Reconfigure()
    {
        foreach (var key in Suspects)
            key.Breaker?.Reconfigure(_optionsOf(key.Name));
    }

    public void Dispose()
    {
        _ticking.Dispose();
        foreach (var key in All)
            key.Breaker?.Dispose();
    }

    /// <summary>
    /// The remembered form of a key: for a very long one, its beginning and a hash of the whole. Half a surrogate pair, which no encoding can
    /// represent, is replaced; otherwise the key would differ on the next instance.
    /// </summary>
    static string Normalize(string key)
    {
        if (key.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            key = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(key));
        if (key.Length <= LongestKey)
            return key;
        var end = LongestKey - 33;
        if (char.IsHighSurrogate(key[end - 1]))
            end--;
        return string.Concat(key.AsSpan(0, end), "~", Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(key))));
    }

    string? NameOf(ConsumeContext context)
    {
        try
        {
            return _selectors.KeyOf(context);
        }
        catch (Exception exception)
        {
            if (Interlocked.Exchange(ref _hasThrown, 1) == 0)
                _log.KeySelectorFailed(Whole.Name, RecentFailures.Describe(exception));
            return null;
        }
    }

    BreakerKey? Add(string name)
    {
        if (_keys.Count >= Whole.Options.MaxKeys)
            MakeRoom();
        if (_keys.Count < Whole.Options.MaxKeys)
        {
            Volatile.Write(ref _isFull, 0);
            return Get(name);
        }

        if (Interlocked.Exchange(ref _isFull, 1) == 0)
            _log.TooManyKeys(Whole.Name, Whole.Options.MaxKeys);
        return null;
    }

    /// <summary>Forgets a tenth of the keys, the least recently used first.</summary>
    void MakeRoom()
    {
        lock (_forgetting)
        {
            var most = Whole.Options.MaxKeys;
            if (_keys.Count < most)
                return;
            foreach (var key in All.OrderBy(key => key.LastTick))
                if (key.TryForget() && _keys.TryRemove(key.Name, out _) && _keys.Count <= most - Math.Max(1, most / 10))
                    return;
        }
    }

    /// <summary>Lets time pass for the keys: a key that has been healthy for a while loses its breaker.</summary>
    void Tick()
    {
        var tick = ++_tick;
        foreach (var key in Suspects)
            if (key.Breaker is { } own && own.Clock.GetElapsedSince(own.LastFailedAt) > own.Options.SamplingDuration && own.Ramp is null && tick % TicksOfWindow == 0)
                lock (_forgetting)
                    if (key.TryForget())
                        _keys.TryRemove(key.Name, out _);
    }

    void OnTransition(BreakerKey key, Transition transition)
    {
        _log.Transition(transition);
        foreach (var listener in _listeners)
            listener(key, transition);
        if (transition is { To: BreakerState.Open, Mode: BreakerMode.Enforcing } && Whole.State == BreakerState.Closed)
            JudgeWhole();
    }

    /// <summary>Half of the keys in use are open, which is not an outage of single keys.</summary>
    void JudgeWhole()
    {
        var (tick, active, open) = (_tick, 0, 0);
        foreach (var key in All)
        {
            var isOpen = key.Breaker is { State: BreakerState.Open or BreakerState.HalfOpen };
            open += isOpen ? 1 : 0;
            active += isOpen || tick - key.LastTick <= TicksOfWindow ? 1 : 0;
        }

        if (open >= FewestOpen && open * 2 >= active)
            Whole.TripByKeys(string.Create(CultureInfo.InvariantCulture, $"{open} of {active} keys in use are open"));
    }
}
