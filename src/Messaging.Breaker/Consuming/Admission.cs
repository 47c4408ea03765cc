using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Consuming;

/// <summary>Decides whether a message of one endpoint may be handled now, and what becomes of it if not.</summary>
sealed class Admission
{
    // What others get where a message cannot be put behind them.
    static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(100);

    readonly EndpointGuards _guards;
    readonly EndpointGate _gate;
    readonly FailureHistories _histories;
    readonly KeyPlaces _keys;

    public Admission(EndpointGuards guards, EndpointGate gate, FailureHistories histories, KeyPlaces keys)
    {
        (_guards, _gate, _histories, _keys) = (guards, gate, histories, keys);
        gate.Overdue += AbandonAll;
    }

    public EndpointGuards Guards => _guards;

    /// <summary>
    /// When who waits for its turn should go back to its queue instead. Where a message cannot go back, a stop waits until it is handled.
    /// </summary>
    public CancellationToken Stopping => _gate.CanReturn ? _gate.Stopping : CancellationToken.None;

    /// <summary>No message and no dependency is to blame for what fails because the container has ended.</summary>
    public bool IsByEndOfContainer(Exception exception) =>
        exception.GetBaseException() is ObjectDisposedException { ObjectName: nameof(IServiceProvider) } && _gate.Owner.HasEnded;

    /// <inheritdoc cref="EndpointGate.Count"/>
    public void Count(ConsumeContext context) => _gate.Count(context);

    /// <summary>Gives up a message that nobody can handle here any more, as when its channel was lost.</summary>
    public async Task<Exception> AbandonAsync(ConsumeContext context) => await _gate.ReturnAsync(context).ConfigureAwait(false);

    public ValueTask AdmitAsync(ConsumeContext context, InFlightMessage message)
    {
        _histories.Find(message);
        return !IsToLetOthersPass(message, mark: false) && !_keys.IsToMove(message) && TryAdmit(message, out _, out _) ? default : new ValueTask(WaitAsync(context, message));
    }

    /// <summary>
    /// What a message that must not be handled now comes to: it is returned to its queue, or where the transport cannot do that waits in
    /// place until it is admitted. A request that is to fail fast is answered.
    /// </summary>
    /// <param name="context">The message.</param>
    /// <param name="message">The same on its way.</param>
    /// <param name="failure">What it failed by, if it has been handled.</param>
    /// <param name="toEnd">Behind the others, if the transport can.</param>
    public async Task ReturnAsync(ConsumeContext context, InFlightMessage message, Exception? failure = null, bool toEnd = false)
    {
        RefuseRequest(context, message, failure);
        if (await _keys.TryMoveAsync(context, message, _gate.Stopping).ConfigureAwait(false))
            throw Moved(context);
        if (_gate.CanReturn || _gate.Stopping.IsCancellationRequested)
            throw await _gate.ReturnAsync(context, toEnd).ConfigureAwait(false);
        await WaitAsync(context, message).ConfigureAwait(false);
    }

    async Task WaitAsync(ConsumeContext context, InFlightMessage message)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(_gate.Stopping, context.ReceiveContext.CancellationToken);
        using var held = _keys.Hold(message);
        while (true)
        {
            if (await _keys.IsToMoveAsync(message, given.Token).ConfigureAwait(false))
            {
                if (await _keys.TryMoveAsync(context, message, given.Token).ConfigureAwait(false))
                    throw Moved(context);
                if (_guards.KeyQueues!.Has(message.BreakerKey!))
                    throw await _gate.ReturnAsync(context).ConfigureAwait(false);
            }

            var gateChanged = _gate.Changed;
            var groups = _guards.Groups;
            var groupsChanged = groups.ConvertAll(group => group.Changed);
            var keyChanged = message.BreakerKey?.Breaker?.Changed;
            if (IsToLetOthersPass(message, mark: true))
            {
                if (_gate.CanReturn)
                    throw await _gate.ReturnAsync(context, toEnd: true).ConfigureAwait(false);
                await Task.Delay(HeadStart, message.Time, given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (TryAdmit(message, out var refusing, out var isByKey))
                return;
            RefuseRequest(context, message);
            // A round of probes is soon over, so its permits are worth waiting for; a break is not.
            if (_gate.ShouldReturn || given.IsCancellationRequested || message.IsFromKeyQueue)
                throw await _gate.ReturnAsync(context).ConfigureAwait(false);
            if (isByKey)
                held.Begin();
            // Only on the one that refused: the permits of the others were given back, which changes them.
            var changed = refusing is not null && groups.IndexOf(refusing) is >= 0 and var place ? Task.WhenAny(gateChanged, groupsChanged[place])
                : isByKey && keyChanged is not null ? Task.WhenAny(gateChanged, keyChanged)
                : gateChanged;
            await changed.WaitAsync(given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static OperationCanceledException Moved(ConsumeContext context) =>
        new("The message was moved to the queue of its key.", context.ReceiveContext.CancellationToken);

    /// <summary>Whether the message failed as a probe before, so that others are to be asked first.</summary>
    static bool IsToLetOthersPass(InFlightMessage message, bool mark)
    {
        foreach (var attempt in message.Attempts)
            if (attempt is { History: { FailedRounds: > 0 } history, Breaker: { ProbeLimit: not null, Options.KeepOrder: false } breaker }
                && !AlternativeAttempt.HasOther(message.Attempts, attempt)
                && (!mark || history.LetsOthersPass(breaker.Generation)))
                return true;
        return false;
    }

    /// <summary>
    /// Leaves the pipe with the answer for a request that is to fail fast. By a cancellation, since retry policies let it pass; not by a
    /// return, which an outbox would take for a success.
    /// </summary>
    void RefuseRequest(ConsumeContext context, InFlightMessage message, Exception? failure = null)
    {
        if (!RequestAnswer.IsAwaited(context))
            return;
        foreach (var group in _guards.Groups)
            if (group.IsFailingFast)
            {
                message.Answer = failure ?? group.Refusal();
                throw new OperationCanceledException("The request was refused.", context.ReceiveContext.CancellationToken);
            }
    }

    /// <summary>An open breaker pauses the whole endpoint, with the messages that it does not guard.</summary>
    /// <param name="message">The message.</param>
    /// <param name="refusing">The breaker that refused, with its alternatives; null if it was an operator, or that of the message's key.</param>
    /// <param name="isByKey">It was that of the message's key.</param>
    bool TryAdmit(InFlightMessage message, out Alternatives? refusing, out bool isByKey)
    {
        (refusing, isByKey) = (null, false);
        if (_gate.IsHeld)
            return false;
        refusing = _guards.Groups.Find(group => group.IsRefusing);
        if (refusing is not null)
            return false;
        if (message.TryAcquireAll() is not { } breaker)
            return true;
        isByKey = breaker.Key is not null;
        refusing = isByKey ? null : _guards.GroupOf(breaker);
        return false;
    }

    /// <summary>A handler that hangs in a dead dependency must not keep the endpoint from probing it.</summary>
    void AbandonAll()
    {
        foreach (var message in _guards.InFlight.All)
        {
            try
            {
                _gate.Abandon(message.Delivery!);
            }
            catch (InvalidOperationException)
            {
                // It ended by itself in the meantime, or cannot be given up: the others can.
            }
        }
    }
}
