using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Consuming;

/// <summary>Decides whether a message of one endpoint may be handled now, and what happens to it if not.</summary>
sealed class Admission
{
    // How long others get if a message cannot be put behind them.
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
    /// Cancelled when messages that wait for their turn should go back to the queue instead. If messages cannot go back, a stop waits until
    /// they are handled.
    /// </summary>
    public CancellationToken Stopping => _gate.CanReturn ? _gate.Stopping : CancellationToken.None;

    /// <summary>Failures that the end of the container causes are the fault of no message and no dependency.</summary>
    public bool IsByEndOfContainer(Exception exception) =>
        exception.GetBaseException() is ObjectDisposedException { ObjectName: nameof(IServiceProvider) } && _gate.Owner.HasEnded;

    /// <inheritdoc cref="EndpointGate.Count"/>
    public void Count(ConsumeContext context) => _gate.Count(context);

    /// <summary>Gives up a message that can no longer be handled here, for example because its channel was lost.</summary>
    public async Task<Exception> AbandonAsync(ConsumeContext context) => await _gate.ReturnAsync(context).ConfigureAwait(false);

    public ValueTask AdmitAsync(ConsumeContext context, InFlightMessage message)
    {
        _histories.Find(message);
        return !IsToLetOthersPass(message, mark: false) && !_keys.IsToMove(message) && TryAdmit(message, out _, out _) ? default : new ValueTask(WaitAsync(context, message));
    }

    /// <summary>
    /// Refuses a message that must not be handled now. It is returned to its queue or, if the transport cannot do that, held until it is
    /// admitted. A request that should fail fast is answered.
    /// </summary>
    /// <param name="context">The message.</param>
    /// <param name="message">The same message in flight.</param>
    /// <param name="failure">Why it failed, if it has been handled.</param>
    /// <param name="toEnd">Whether to put it behind the others, if the transport can.</param>
    public async Task ReturnAsync(ConsumeContext context, InFlightMessage message, Exception? failure = null, bool toEnd = false)
    {
        RefuseRequest(context, message, failure);
        if (await _keys.TryMoveAsync(context, message, _gate.Stopping).ConfigureAwait(false))
            throw Moved(context);
        message.Turn?.SendBackLater();
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
            if (!await _keys.WaitForTurnAsync(message, given.Token).ConfigureAwait(false))
                throw await _gate.ReturnAsync(context).ConfigureAwait(false);
            if (await _keys.IsToMoveAsync(message, given.Token).ConfigureAwait(false))
            {
                if (await _keys.TryMoveAsync(context, message, given.Token).ConfigureAwait(false))
                    throw Moved(context);
                if (_guards.KeyQueues!.Has(message.BreakerKey!))
                {
                    message.Turn?.SendBackLater();
                    throw await _gate.ReturnAsync(context).ConfigureAwait(false);
                }
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
            // A round of probes is short, so its permits are worth waiting for; a break is not.
            if (_gate.ShouldReturn || given.IsCancellationRequested || message.IsFromKeyQueue)
                throw await _gate.ReturnAsync(context).ConfigureAwait(false);
            if (isByKey)
                held.Begin();
            message.EndTurn();
            // Waits only for the breaker that refused: the permits of the others were given back, which changes those breakers.
            var changed = refusing is not null && groups.IndexOf(refusing) is >= 0 and var place ? Task.WhenAny(gateChanged, groupsChanged[place])
                : isByKey && keyChanged is not null ? Task.WhenAny(gateChanged, keyChanged)
                : gateChanged;
            await changed.WaitAsync(given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static OperationCanceledException Moved(ConsumeContext context) =>
        new("The message was moved to the queue of its key.", context.ReceiveContext.CancellationToken);

    /// <summary>Whether the message failed as a probe before, so that others are asked first.</summary>
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
    /// Leaves the pipe with the answer for a request that fails fast. It throws a cancellation, which retry policies let pass; an outbox would
    /// take a normal return for a success.
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

    /// <summary>An open breaker pauses the whole endpoint, including messages that it does not guard.</summary>
    /// <param name="message">The message.</param>
    /// <param name="refusing">The breaker that refused, with its alternatives; null if it was an operator, or the breaker of the message's
    /// key.</param>
    /// <param name="isByKey">Whether the breaker of the message's key refused.</param>
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
                // It ended in the meantime, or cannot be given up. The others can.
            }
        }
    }
}
