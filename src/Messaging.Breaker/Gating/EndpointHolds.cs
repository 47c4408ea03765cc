using System.Globalization;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Gating;

/// <summary>The operators' holds on one endpoint: this instance's and the fleet's. Thread-safe.</summary>
sealed class EndpointHolds(string endpoint, TimeProvider time, ILogger log)
{
    const string AtStart = "StartPaused";

    OperatorHold? _own;
    OperatorHold? _fleets;
    volatile Task _known = Task.CompletedTask;

    /// <summary>Raised when they change.</summary>
    public AsyncSignal Changed { get; } = new();

    /// <summary>The current hold: the fleet's, or else this instance's.</summary>
    public EndpointHold? Current => _fleets is { HasExpired: false } fleets ? fleets.Hold : _own is { HasExpired: false } own ? own.Hold : null;

    public bool IsOfFleet => _fleets is { HasExpired: false };

    /// <summary>Completes when it is known whether the fleet holds the endpoint, or when that cannot be known now.</summary>
    public Task Known
    {
        get => _known;
        set
        {
            _known = value;
            if (!value.IsCompleted)
                value.ContinueWith(_ => Changed.Raise(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Holds the endpoint on this instance.</summary>
    public void Hold(EndpointHold hold, TimeSpan? left) => Hold(ref _own, hold, left);

    /// <summary>Holds the endpoint before it consumes, as its options say.</summary>
    public void HoldFromStart(string reason) => Hold(ref _own, new EndpointHold(reason, time.GetUtcNow(), null) { By = AtStart }, null);

    /// <summary>The fleet has resumed the endpoint, which ends a hold from its options.</summary>
    public void ReleaseFromStart()
    {
        if (_own is { Hold.By: AtStart } hold && Interlocked.CompareExchange(ref _own, null, hold) == hold)
            End(hold, "the fleet resumed it");
    }

    /// <summary>Ends this instance's hold.</summary>
    public void Release(string? by) => Release(ref _own, by is null ? "resumed" : $"resumed by {by}");

    /// <summary>Follows the fleet: holds the endpoint for the remaining time, or ends the hold.</summary>
    public void Follow(EndpointHold? hold, TimeSpan? left)
    {
        if (hold is not null)
            Hold(ref _fleets, hold, left);
        else
            Release(ref _fleets, "the fleet resumed it");
    }

    /// <summary>The endpoint was removed.</summary>
    /// <returns>This instance's hold, which outlives the endpoint; null if there is none.</returns>
    public OperatorHold? Remove()
    {
        Interlocked.Exchange(ref _fleets, null)?.Dispose();
        if (Interlocked.Exchange(ref _own, null) is not { } hold)
            return null;
        hold.Dispose();
        return hold.HasExpired ? null : hold;
    }

    void Hold(ref OperatorHold? place, EndpointHold hold, TimeSpan? left)
    {
        var isNew = place is not { HasExpired: false } known || (known.Hold.Reason, known.Hold.Holder) != (hold.Reason, hold.Holder);
        Interlocked.Exchange(ref place, new OperatorHold(hold, left, time, Expire))?.Dispose();
        if (isNew)
            log.EndpointHeld(endpoint, hold.Holder, left is { } length ? string.Create(CultureInfo.InvariantCulture, $" for {length}") : "", hold.Reason);
        Changed.Raise();
    }

    void Release(ref OperatorHold? place, string reason)
    {
        if (Interlocked.Exchange(ref place, null) is { } hold)
            End(hold, reason);
    }

    void Expire()
    {
        Expire(ref _own);
        Expire(ref _fleets);
    }

    void Expire(ref OperatorHold? place)
    {
        if (place is { HasExpired: true } hold && Interlocked.CompareExchange(ref place, null, hold) == hold)
            End(hold, "the hold expired");
    }

    void End(OperatorHold hold, string reason)
    {
        hold.Dispose();
        log.EndpointReleased(endpoint, hold.Hold.Holder, reason);
        Changed.Raise();
    }
}
