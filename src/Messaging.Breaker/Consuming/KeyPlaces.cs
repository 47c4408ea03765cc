using System.Globalization;
using MassTransit;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// Keeps the messages of one key from taking the places of all others: they go to the key's queue where the transport supports that, and
/// otherwise only so few of them are held that the other keys are still served.
/// </summary>
/// <param name="guards">The endpoint's guards.</param>
/// <param name="gate">The endpoint's gate.</param>
/// <param name="places">How many messages of the endpoint can be in flight at once.</param>
sealed class KeyPlaces(EndpointGuards guards, EndpointGate gate, Func<int> places)
{
    // Working handlers free a place before this time, and then nothing is moved: a backlog alone creates no queues.
    static readonly TimeSpan LongestWaitForPlace = TimeSpan.FromSeconds(1);

    // A handler that takes longer hangs, or is repeated after a delay of the user's retry policy. All others would wait for it.
    static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    readonly KeyTurns _turns = new();
    int _held;

    /// <summary>Whether a message may have to be moved to the queue of its key. For a message without a key, this costs one look at its attempts.</summary>
    public bool IsToMove(InFlightMessage message) =>
        guards.KeyQueues is { } queues && KeyOf(message) is { } key && (queues.Has(key) || IsKept(key) || IsBeyondShare(key) || _turns.Any(key));

    /// <summary>Waits for earlier messages of the same key that could not begin at once either.</summary>
    /// <returns>False if one of them went back to the endpoint's queue, so that this one has to go back too.</returns>
    public async ValueTask<bool> WaitForTurnAsync(InFlightMessage message, CancellationToken cancellationToken)
    {
        if (guards.KeyQueues is not { } queues || KeyOf(message) is not { } key)
            return true;
        message.Turn ??= _turns.Enter(key, queues.PlaceOf(message.Delivery!));
        await queues.WaitForEarlierAsync(message.Delivery!, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await message.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return !message.Turn.GoesBack;
    }

    /// <inheritdoc cref="IsToMove"/>
    public async ValueTask<bool> IsToMoveAsync(InFlightMessage message, CancellationToken cancellationToken)
    {
        if (gate.IsHeld || !IsToMove(message))
            return false;
        var key = message.BreakerKey!;
        if (!IsBeyondShare(key))
            await guards.KeyQueues!.WaitForEndAsync(key, cancellationToken).ConfigureAwait(false);
        if (guards.KeyQueues!.Has(key) || IsKept(key))
            return true;
        using var limit = new CancellationTokenSource(LongestWaitForPlace, message.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var runs = key.Runs;
        while (true)
        {
            var left = key.Left;
            // The key's handlers work, so its next message may begin.
            if (!IsBeyondShare(key) || key.Runs != runs)
                return guards.KeyQueues.Has(key) || IsKept(key);
            if (either.IsCancellationRequested)
                return !cancellationToken.IsCancellationRequested;
            await left.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Moves a message that cannot be handled now to the queue of its key, while the breaker of the whole is closed. Otherwise the message goes
    /// back to the endpoint's own queue, which is paused.
    /// </summary>
    public async Task<bool> TryMoveAsync(ConsumeContext context, InFlightMessage message, CancellationToken cancellationToken) =>
        guards.KeyQueues is { } queues && KeyOf(message) is { } key && !gate.IsHeld && !cancellationToken.IsCancellationRequested
        && (key.Partition.Whole.State == BreakerState.Closed || queues.Has(key))
        && await WaitForTurnAsync(message, cancellationToken).ConfigureAwait(false)
        && await WaitForEarlierAsync(message, queues, cancellationToken).ConfigureAwait(false)
        && await queues.TryMoveAsync(context, key, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Order within a key: earlier messages whose fate is not decided yet come first, because they may have to be moved too, unless that takes too long.
    /// </summary>
    /// <returns>False if the wait was cancelled.</returns>
    async Task<bool> WaitForEarlierAsync(InFlightMessage message, IKeyQueues queues, CancellationToken cancellationToken)
    {
        var place = queues.PlaceOf(message.Delivery!);
        while (!cancellationToken.IsCancellationRequested)
        {
            var left = message.BreakerKey!.Left;
            if (!guards.InFlight.All.Any(other => KeyOf(other) == message.BreakerKey && queues.PlaceOf(other.Delivery!) < place && !other.BeganBefore(LongestRun)))
                return true;
            await left.WaitAsync(Step, message.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <summary>A message that may have to be held because of its key.</summary>
    public Held Hold(InFlightMessage message) => new(this, message);

    static BreakerKey? KeyOf(InFlightMessage message) => message.IsFromKeyQueue ? null : message.BreakerKey;

    static bool IsKept(BreakerKey key) => key.IsKept && key.Partition.Whole.State == BreakerState.Closed;

    /// <summary>Irrelevant while there is no other key.</summary>
    bool IsBeyondShare(BreakerKey key) =>
        key.UnderWay > key.Partition.ShareOf(places(), guards.InFlight.Count) && key.Partition is { Count: > 1, Whole.State: BreakerState.Closed };

    void Begin(BreakerKey key)
    {
        if (Interlocked.Increment(ref _held) > Math.Max(1, (int)(places() * key.Partition.Whole.Options.KeyShare)) && key.Partition.Whole is { State: BreakerState.Closed } whole)
            whole.TripByKeys(string.Create(CultureInfo.InvariantCulture, $"{_held} messages of keys that are not closed wait in this process, because they cannot wait anywhere else"));
    }

    /// <summary>The place of one held message.</summary>
    public sealed class Held(KeyPlaces places, InFlightMessage message) : IDisposable
    {
        bool _isCounted;

        public void Begin()
        {
            if (_isCounted || message.BreakerKey is not { } key)
                return;
            _isCounted = true;
            places.Begin(key);
        }

        public void Dispose()
        {
            if (_isCounted)
                Interlocked.Decrement(ref places._held);
        }
    }
}
