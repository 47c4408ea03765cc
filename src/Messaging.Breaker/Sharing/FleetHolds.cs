using System.Collections.Concurrent;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// The fleet's holds on the endpoints of this process. Orders come on any thread and wake the member's loop, which calls the rest.
/// </summary>
sealed class FleetHolds(Fleet fleet, EndpointRegistry endpoints, TimeProvider time, ILogger log, Action wake) : IHoldSharing
{
    readonly ConcurrentDictionary<string, FleetHold> _byName = new();

    /// <summary>The names of their states.</summary>
    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>When <see cref="StepAsync"/> has something to do without an event, as a timestamp.</summary>
    public long DueAt => _byName.Values.Min(hold => hold.DueAt) ?? long.MaxValue;

    /// <summary>A hold received a state that does not follow from the known one.</summary>
    public bool IsInDoubt => _byName.Values.Any(hold => hold.IsInDoubt);

    public Task Watch(string endpoint)
    {
        var hold = Get(endpoint);
        if (!fleet.IsReachable)
            hold.Postpone();
        hold.FollowAgain();
        wake();
        return hold.Asked;
    }

    public void Forget(string endpoint)
    {
        if (_byName.TryGetValue(HoldName.Of(endpoint), out var hold) && !hold.IsUntold)
            _byName.TryRemove(new KeyValuePair<string, FleetHold>(hold.Name, hold));
    }

    public Task<HoldOutcome> HoldAsync(string endpoint, EndpointHold hold, TimeSpan? expiry)
    {
        var outcome = Get(endpoint).Order(hold, hold.By, expiry);
        wake();
        return outcome;
    }

    public Task<HoldOutcome> ReleaseAsync(string endpoint, string? by)
    {
        var outcome = Get(endpoint).Order(null, by, null);
        wake();
        return outcome;
    }

    /// <summary>Reports orders given here, and reads holds that have not been read yet.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        if (fleet.IsReachable && _byName.Values.Where(hold => hold.IsUnread).ToList() is { Count: > 0 } unread)
        {
            var states = await fleet.ReadAsync([.. unread.Select(hold => hold.Name)], cancellationToken).ConfigureAwait(false);
            foreach (var hold in unread)
                await hold.HearAsync(states.GetValueOrDefault(hold.Name), isRead: true, cancellationToken).ConfigureAwait(false);
        }

        foreach (var hold in _byName.Values)
            await hold.TellAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes in everything that was read.</summary>
    public async Task HearAsync(IReadOnlyDictionary<string, SharedBreakerState> states, IReadOnlyCollection<string> asked, CancellationToken cancellationToken)
    {
        foreach (var name in asked)
            if (_byName.TryGetValue(name, out var hold))
                await hold.HearAsync(states.GetValueOrDefault(name), isRead: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes in an announced state, if it is a hold's.</summary>
    public async Task HearAsync(SharedBreakerState told, CancellationToken cancellationToken)
    {
        if (!_byName.TryGetValue(told.Breaker ?? "", out var hold))
            return;
        if (fleet.Believe(told, hold.Name) is { } state)
            await hold.HearAsync(state, isRead: false, cancellationToken).ConfigureAwait(false);
        else
            hold.Doubt();
    }

    /// <summary>The store is out of reach, so nothing waits for it.</summary>
    public void Postpone()
    {
        foreach (var hold in _byName.Values)
            hold.Postpone();
    }

    FleetHold Get(string endpoint) => _byName.GetOrAdd(HoldName.Of(endpoint), _ => new FleetHold(endpoint, fleet, endpoints, time, log));
}
