using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// The fleet's hold on the endpoints of one name. It is kept with the breakers' states, as the state of a breaker with a name that no breaker
/// can have, so that every store and every version of the library keeps it. Orders come on any thread; the rest is called by the member's loop,
/// one call at a time.
/// </summary>
sealed class FleetHold
{
    const int MostTries = 10;

    readonly Lock _lock = new();
    readonly Fleet _fleet;
    readonly FollowedHold _followed;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly KnownState _known;
    readonly Backoff _patience;
    readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    HoldOrder? _untold;
    long? _confirmedAt;

    public FleetHold(string endpoint, Fleet fleet, EndpointRegistry endpoints, TimeProvider time, ILogger log)
    {
        (Endpoint, Name, _fleet, _time, _log) = (endpoint, HoldName.Of(endpoint), fleet, time, log);
        (_known, _patience, _followed) = (new KnownState(Name, fleet, time), new Backoff(time), new FollowedHold(endpoint, endpoints, time));
    }

    public string Endpoint { get; }

    /// <summary>The name of its state.</summary>
    public string Name { get; }

    /// <summary>It has not been read from the store yet.</summary>
    public bool IsUnread => _confirmedAt is null;

    /// <summary>It received a state that does not follow from the known one: the store has to be read.</summary>
    public bool IsInDoubt { get; private set; }

    /// <summary>An order has not been reported yet.</summary>
    public bool IsUntold => Volatile.Read(ref _untold) is not null;

    /// <summary>When to try again to report it, as a timestamp; null to wait for an event.</summary>
    public long? DueAt => IsUntold ? _patience.Until : null;

    /// <summary>Completes when it is known whether the fleet holds the endpoint, or when that cannot be known now.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Holds the endpoint, or ends the fleet's hold; here at once.</summary>
    public Task<HoldOutcome> Order(EndpointHold? hold, string? by, TimeSpan? expiry)
    {
        HoldOrder order;
        lock (_lock)
        {
            long? end = expiry is { } length ? _known.After(length) : null;
            long? informedAt = _fleet.IsReachable ? _time.GetTimestamp() : null;
            order = new HoldOrder(hold, by, _fleet.Instance, end, _untold?.Base ?? _known.State, informedAt, IsReminder: false)
            {
                Superseded = _untold is { Outcome.IsCompleted: false } superseded ? superseded : null,
            };
            _untold = order;
            _followed.Follow(hold is null ? null : hold with { Instance = _fleet.Instance }, expiry);
        }

        if (!_fleet.IsReachable)
            Postpone();
        return order.Outcome;
    }

    /// <summary>One more endpoint of the name exists here.</summary>
    public void FollowAgain()
    {
        lock (_lock)
            _followed.FollowAgain();
    }

    /// <summary>
    /// The store is out of reach: waiting calls are told so, and endpoints start without knowing, unless their options forbid it.
    /// </summary>
    public void Postpone()
    {
        if (Volatile.Read(ref _untold) is { Outcome.IsCompleted: false } order)
        {
            if (!order.IsReminder)
                _log.HoldUntold(Endpoint, order.Hold is null ? "resumed" : "held");
            order.Complete(HoldOutcome.FleetWhenStoreIsBack);
        }

        lock (_lock)
        {
            // What others decide in the meantime was not known when the order was given.
            _untold = _untold is null ? null : _untold with { InformedAt = null };
            if (IsUnread && _untold is null && _fleet.Options.HoldUntilKnown)
                _followed.Follow(new EndpointHold("the fleet's store has not yet said whether the fleet holds it", _time.GetUtcNow(), null) { By = nameof(SharingOptions.HoldUntilKnown) }, null);
        }

        _asked.TrySetResult();
    }

    /// <summary>
    /// Takes in a state from the store, announced or read. A read may also show that the store knows nothing, or less than before.
    /// </summary>
    public async Task HearAsync(SharedBreakerState? state, bool isRead, CancellationToken cancellationToken)
    {
        if (!isRead && (!_known.IsFollowedBy(state!) || (state!.State == BreakerState.Closed && _known.FindEnd(_time) is not null)))
        {
            // Late or invented: the store decides which. An announcement alone never resumes an endpoint.
            IsInDoubt |= !_known.Is(state);
            return;
        }

        IsInDoubt &= !isRead;
        Take(state, isRead);
        _asked.TrySetResult();
        await TellAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>It received a state that is not credible.</summary>
    public void Doubt() => IsInDoubt = true;

    /// <summary>Reports an order given here, or gives it up for what the fleet knows.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        if (!_fleet.IsReachable || _patience.IsWaiting)
            return;
        for (var tries = 0; Volatile.Read(ref _untold) is { } order && !IsUnread; tries++)
        {
            if (order.EndsAt <= _time.GetTimestamp())
                Settle(order, HoldOutcome.ThisInstance);
            else if (order.IsToldBy(_known.State))
                Settle(order, HoldOutcome.Fleet);
            else if (!order.Prevails(_known.State, _known.ChangedAt, _known.FindEnd(_time)))
                Overrule(order);
            else if (tries == MostTries)
            {
                _patience.Refuse();
                Postpone();
                return;
            }
            else
            {
                var isTold = await _known.ChangeAsync(order.Next(_known, order.EndsAt is { } end ? Left(end) : null), cancellationToken).ConfigureAwait(false);
                _confirmedAt = _time.GetTimestamp();
                if (!isTold)
                    continue;
                _patience.Succeed();
                Settle(order, HoldOutcome.Fleet);
            }
        }
    }

    void Take(SharedBreakerState? state, bool isRead)
    {
        var (before, hold) = (_known.State, _known.FindEnd(_time));
        // A decision younger than the last contact with the store came after that contact. An older one came before, and the store has lost
        // what came in between.
        var isForgotten = isRead && before is not null && !_known.Is(state) && !(state?.Version > before.Version)
            && !(state?.Age < _time.GetElapsedTime(_confirmedAt!.Value));
        lock (_lock)
        {
            var end = _known.EndsAt;
            var isResumed = _confirmedAt is not null && state is { State: BreakerState.Closed } && !_known.Is(state);
            _known.Take(state);
            _confirmedAt = _time.GetTimestamp();
            if (isForgotten && hold is not null && _untold is null)
                _untold = new HoldOrder(before!.ToHold(_time), before!.By, before.Instance, end, _known.State, InformedAt: null, IsReminder: true);
            FollowFleet();
            if (isResumed)
                _followed.Resume();
        }
    }

    void Overrule(HoldOrder order)
    {
        if (!order.IsReminder)
            _log.HoldOverruled(Endpoint, _known.State!.ToHold(_time).Holder, order.Hold is null ? "resumed" : "held");
        Settle(order, HoldOutcome.HeldByFleet);
    }

    void Settle(HoldOrder order, HoldOutcome outcome)
    {
        lock (_lock)
        {
            if (_untold == order)
                _untold = null;
            FollowFleet();
        }

        order.Complete(outcome);
    }

    /// <summary>Unless this instance has decided otherwise in the meantime.</summary>
    void FollowFleet()
    {
        if (_untold is not null)
            return;
        if (_known.FindEnd(_time) is { } end)
            _followed.Follow(_known.State!.ToHold(_time), end == long.MaxValue ? null : Left(end));
        else
            _followed.Follow(null, null);
    }

    TimeSpan Left(long end) => _time.GetElapsedTime(_time.GetTimestamp(), end);
}
