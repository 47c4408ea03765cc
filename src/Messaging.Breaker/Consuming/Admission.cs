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
    readonly CaseBook _cases;

    public Admission(EndpointGuards guards, EndpointGate gate, CaseBook cases)
    {
        (_guards, _gate, _cases) = (guards, gate, cases);
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

    public ValueTask AdmitAsync(ConsumeContext context, MessageHandling handling)
    {
        _cases.Find(handling);
        return !IsToLetOthersPass(handling, mark: false) && TryAdmit(handling, out _) ? default : new ValueTask(WaitAsync(context, handling));
    }

    /// <summary>
    /// What a message that must not be handled now comes to: it is returned to its queue, or where the transport cannot do that waits in
    /// place until it is admitted. A request that is to fail fast is answered.
    /// </summary>
    /// <param name="context">The message.</param>
    /// <param name="handling">Its handling.</param>
    /// <param name="failure">What it failed by, if it has been handled.</param>
    /// <param name="toEnd">Behind the others, if the transport can.</param>
    public async Task ReturnAsync(ConsumeContext context, MessageHandling handling, Exception? failure = null, bool toEnd = false)
    {
        RefuseRequest(context, handling, failure);
        if (_gate.CanReturn || _gate.Stopping.IsCancellationRequested)
            throw await _gate.ReturnAsync(context, toEnd).ConfigureAwait(false);
        await WaitAsync(context, handling).ConfigureAwait(false);
    }

    async Task WaitAsync(ConsumeContext context, MessageHandling handling)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(_gate.Stopping, context.ReceiveContext.CancellationToken);
        while (true)
        {
            var gateChanged = _gate.Changed;
            var breakersChanged = _guards.Breakers.ConvertAll(breaker => breaker.Changed);
            if (IsToLetOthersPass(handling, mark: true))
            {
                if (_gate.CanReturn)
                    throw await _gate.ReturnAsync(context, toEnd: true).ConfigureAwait(false);
                await Task.Delay(HeadStart, handling.Time, given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (TryAdmit(handling, out var refusing))
                return;
            RefuseRequest(context, handling);
            // A round of probes is soon over, so its permits are worth waiting for; a break is not.
            if (_gate.ShouldReturn || given.IsCancellationRequested)
                throw await _gate.ReturnAsync(context).ConfigureAwait(false);
            // Only on the one that refused: the permits of the others were given back, which changes them.
            var changed = refusing is null ? gateChanged : Task.WhenAny(gateChanged, breakersChanged[_guards.Breakers.IndexOf(refusing)]);
            await changed.WaitAsync(given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether the message failed as a probe before, so that others are to be asked first.</summary>
    static bool IsToLetOthersPass(MessageHandling handling, bool mark)
    {
        foreach (var passage in handling.Passages)
            if (passage is { Case: { FailedRounds: > 0 } suspect, Breaker: { ProbeLimit: not null, Options.KeepOrder: false } breaker }
                && (!mark || suspect.LetsOthersPass(breaker.Generation)))
                return true;
        return false;
    }

    /// <summary>
    /// Leaves the pipe with the answer for a request that is to fail fast. By a cancellation, since retry policies let it pass; not by a
    /// return, which an outbox would take for a success.
    /// </summary>
    void RefuseRequest(ConsumeContext context, MessageHandling handling, Exception? failure = null)
    {
        if (!RequestAnswer.IsAwaited(context))
            return;
        foreach (var breaker in _guards.Breakers)
            if (breaker.IsFailingFast)
            {
                handling.Answer = failure ?? breaker.Refusal();
                throw new OperationCanceledException("The request was refused.", context.ReceiveContext.CancellationToken);
            }
    }

    /// <summary>An open breaker pauses the whole endpoint, with the messages that it does not guard.</summary>
    /// <param name="handling">The message.</param>
    /// <param name="refusing">The breaker that refused; null if it was an operator.</param>
    bool TryAdmit(MessageHandling handling, out CircuitBreaker? refusing)
    {
        refusing = null;
        if (_gate.IsHeld)
            return false;
        refusing = _guards.Breakers.Find(breaker => breaker.IsRefusing) ?? handling.TryAcquireAll();
        return refusing is null;
    }

    /// <summary>A handler that hangs in a dead dependency must not keep the endpoint from probing it.</summary>
    void AbandonAll()
    {
        foreach (var handling in _guards.Roster.All)
        {
            try
            {
                _gate.Abandon(handling.Delivery!);
            }
            catch (InvalidOperationException)
            {
                // It ended by itself in the meantime, or cannot be given up: the others can.
            }
        }
    }
}
