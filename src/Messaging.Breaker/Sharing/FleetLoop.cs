using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// The one loop of a member that talks to the store, so that no message handling ever waits for it: local events and announcements only wake
/// the loop. While the store does not answer, every breaker is on its own.
/// </summary>
sealed class FleetLoop
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // A fallback for the stream of changes, which also keeps a quiet fleet's state from expiring in the store.
    static readonly TimeSpan Rereading = TimeSpan.FromMinutes(5);

    // A peer that sends nonsense all the time must not cause constant reads of the store.
    static readonly TimeSpan ShortestRereading = TimeSpan.FromMilliseconds(250);

    readonly FleetWatch _watch;
    readonly Fleet _fleet;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly Dictionary<string, FleetBreaker> _breakers;
    readonly FleetHolds _holds;
    readonly IReadOnlyList<IFleetListener> _listeners;
    readonly AsyncSignal _woken = new();
    readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    HashSet<string> _announced = [];
    bool _isWatching;
    bool _isLost;
    long _nextRead;
    long? _lastRead;
    long _nextBeat;

    public FleetLoop(IBreakerStateStore store, Fleet fleet, IEnumerable<CircuitBreaker> breakers, EndpointRegistry endpoints, IReadOnlyList<IFleetListener> listeners, TimeProvider time, ILogger log)
    {
        (_fleet, _listeners, _time, _log) = (fleet, listeners, time, log);
        _watch = new FleetWatch(store, time, RetryDelay, _woken.Raise);
        _breakers = breakers.Select(breaker => new FleetBreaker(breaker, fleet, time, log)).ToDictionary(breaker => breaker.Name);
        _holds = new FleetHolds(fleet, endpoints, time, log, _woken.Raise);
    }

    public IHoldSharing Holds => _holds;

    /// <summary>Completes when the fleet's state is known here.</summary>
    public Task Joined => _joined.Task;

    public void Note(Transition transition)
    {
        if (!_breakers.TryGetValue(FleetBreaker.SharedName(transition.Breaker), out var breaker))
            return;
        breaker.Note(transition);
        _woken.Raise();
    }

    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(_watch.RunAsync(stopping), StepByStepAsync(stopping));

    async Task StepByStepAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var woken = _woken.Next;
            try
            {
                await StepAsync(stopping).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                Lose(exception);
            }

            await SleepAsync(woken, stopping).ConfigureAwait(false);
        }

        _holds.Postpone();
    }

    async Task StepAsync(CancellationToken stopping)
    {
        if (_watch.TakeFailure() is { } failure)
        {
            _isWatching = false;
            Lose(failure);
        }

        while (_watch.TryTake(out var state))
        {
            if (state is null)
                (_isWatching, _nextRead) = (true, SoonestRead());
            else if (_breakers.TryGetValue(FleetBreaker.SharedName(state.Breaker ?? ""), out var breaker))
                await HearAsync(breaker, state, stopping).ConfigureAwait(false);
            else
            {
                foreach (var listener in _listeners)
                    listener.Announced(state.Breaker ?? "");
                await _holds.HearAsync(state, stopping).ConfigureAwait(false);
            }
        }

        if (_holds.IsInDoubt)
            _nextRead = Math.Min(_nextRead, SoonestRead());

        if (_isWatching && IsDue(_nextRead))
            await ReadAsync(stopping).ConfigureAwait(false);
        await _holds.StepAsync(stopping).ConfigureAwait(false);
        foreach (var breaker in _breakers.Values)
            await breaker.TellAsync(stopping).ConfigureAwait(false);
        foreach (var breaker in _breakers.Values)
            breaker.Report(_listeners);
        if (!_fleet.IsReachable)
            return;
        await AnnounceAsync(stopping).ConfigureAwait(false);
        foreach (var breaker in _breakers.Values)
            if (breaker.DueAt is { } due && IsDue(due))
                await breaker.ActAsync(stopping).ConfigureAwait(false);
        foreach (var breaker in _breakers.Values)
            breaker.Report(_listeners);
        // A store that can be read but refuses every change is not back yet.
        if (_isLost)
            _log.FleetFound(_fleet.Instance);
        _isLost = false;
    }

    async Task ReadAsync(CancellationToken stopping)
    {
        _lastRead = _time.GetTimestamp();
        var held = _holds.Names.ToList();
        var states = await _fleet.ReadAsync([.. held, .. _breakers.Keys], stopping).ConfigureAwait(false);
        _nextRead = After(Rereading);
        SetReachable(true);
        await _holds.HearAsync(states, held, stopping).ConfigureAwait(false);
        foreach (var (name, breaker) in _breakers)
            await breaker.HearAsync(states.GetValueOrDefault(name), isRead: true, stopping).ConfigureAwait(false);
        _joined.TrySetResult();
    }

    /// <summary>A state that does not follow from the known one is not taken over, but read from the store.</summary>
    async Task HearAsync(FleetBreaker breaker, SharedBreakerState told, CancellationToken stopping)
    {
        if (_fleet.Believe(told, breaker.Name) is { } state)
            await breaker.HearAsync(state, isRead: false, stopping).ConfigureAwait(false);
        if (breaker.IsInDoubt || StateCheck.Problem(told) is not null)
            _nextRead = Math.Min(_nextRead, SoonestRead());
    }

    async Task AnnounceAsync(CancellationToken stopping)
    {
        var alone = _breakers.Values.Where(breaker => breaker.IsAlone).Select(breaker => breaker.Name).ToHashSet();
        if (!IsDue(_nextBeat) && alone.SetEquals(_announced))
            return;
        await _fleet.AnnounceAsync(alone, stopping).ConfigureAwait(false);
        _announced = alone;
        _nextBeat = After(_fleet.Options.Heartbeat);
        foreach (var breaker in _breakers.Values)
        {
            breaker.CountInstances();
            await breaker.AgreeAsync(stopping).ConfigureAwait(false);
        }
    }

    void Lose(Exception exception)
    {
        SetReachable(false);
        _nextRead = After(RetryDelay);
        if (!_isLost)
            _log.FleetLost(exception.Message);
        _isLost = true;
        _holds.Postpone();
    }

    void SetReachable(bool isReachable)
    {
        if (_fleet.IsReachable == isReachable)
            return;
        _fleet.IsReachable = isReachable;
        foreach (var breaker in _breakers.Values)
            breaker.SetGrace();
    }

    async Task SleepAsync(Task woken, CancellationToken stopping)
    {
        var due = _isWatching ? _nextRead : long.MaxValue;
        if (_fleet.IsReachable)
            due = _breakers.Values.Select(breaker => breaker.DueAt ?? long.MaxValue).Append(_holds.DueAt).Append(_nextBeat).Append(due).Min();
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var sleep = due == long.MaxValue
            ? Task.Delay(Timeout.InfiniteTimeSpan, _time, awake.Token)
            : Task.Delay(Until(due), _time, awake.Token);
        await Task.WhenAny(woken, sleep).ConfigureAwait(false);
        await awake.CancelAsync().ConfigureAwait(false);
    }

    long SoonestRead() =>
        Math.Max(_time.GetTimestamp(), _lastRead is { } last ? last + After(ShortestRereading) - _time.GetTimestamp() : 0);

    bool IsDue(long at) => _time.GetTimestamp() >= at;

    long After(TimeSpan length) => _time.GetTimestamp() + (long)(length.TotalSeconds * _time.TimestampFrequency);

    // A timer counts whole milliseconds, and a break may last longer than the longest timer.
    TimeSpan Until(long due) => TimeSpan.FromMilliseconds(
        Math.Clamp(Math.Ceiling(1_000.0 * (due - _time.GetTimestamp()) / _time.TimestampFrequency), 0, TimeSpan.MillisecondsPerDay));
}
