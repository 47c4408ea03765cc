using System.Collections.Immutable;
using System.Globalization;
using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Gating;

/// <summary>
/// Pauses and resumes one receive endpoint. The breakers and the operators' holds determine the desired state. One serial loop drives the endpoint
/// towards it, so stops and starts never overlap, and the next iteration handles a changed decision. The loop runs while the endpoint's owner wants
/// it started.
/// </summary>
sealed class EndpointGate(
    string name, Uri address, IEndpointOwner owner, IEndpointTransport transport, TimeProvider time, EndpointTelemetry telemetry, ILogger log)
    : IReceiveEndpointObserver
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestWaitForReady = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LongestWaitForLastStart = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LongestWaitForDrained = TimeSpan.FromSeconds(2);

    readonly Lock _lock = new();
    readonly GateGuards _guards = new();
    readonly StripedCounter _handled = new();
    EndpointLife _life = new(time);
    volatile bool _isBusStopped;
    bool _isOfRider;
    volatile bool _isRemoved;
    volatile bool _mustStop;
    volatile DesiredState _actual = new(EndpointState.Stopped, null, "not started");

    public string Name => name;

    public Uri Address => address;

    public IEndpointOwner Owner => owner;

    /// <summary>
    /// Set from when the bus begins to stop until it starts again. An endpoint that was still starting must not be started again meanwhile.
    /// </summary>
    public bool IsBusStopped
    {
        get => _isBusStopped;
        set => _isBusStopped = value;
    }

    /// <summary>A pause has waited too long for the messages in flight.</summary>
    public event Action? Overdue;

    /// <summary>The endpoint was removed from its bus. Nobody must keep a reference to it.</summary>
    public event Action? Removed;

    /// <summary>Completes when the desired state may have changed.</summary>
    public Task Changed => Holds.Changed.Next;

    /// <summary>Cancelled when the endpoint's owner stops it. No filter may wait any longer then.</summary>
    public CancellationToken Stopping => _life.Stopping;

    /// <summary>The holds that operators have placed. They work without any breaker.</summary>
    public EndpointHolds Holds { get; } = new(name, time, log);

    /// <summary>Whether an operator, not a breaker, keeps messages from being handled. Also true while the holds are not known yet.</summary>
    public bool IsHeld => Holds.Current is not null || !Holds.Known.IsCompleted;

    /// <summary>
    /// Whether a message that is not admitted should go back to the queue at once, because the endpoint is about to be stopped, which puts it back.
    /// </summary>
    public bool ShouldReturn =>
        transport.CanReturn && (_mustStop || (Desired is var desired && (desired.IsPaused || !desired.Matches(_actual))));

    public bool CanReturn => transport.CanReturn;

    public DesiredState Desired => Holds.Current is { } hold
        ? new DesiredState(EndpointState.Paused, null, $"held by {hold.Holder}: {hold.Reason}")
        : _guards.Desired;

    /// <summary>Whether a breaker guards the endpoint. Known once the endpoint has been validated.</summary>
    public bool IsGuarding => _guards.All.Count > 0;

    /// <summary>Adds a guard: one breaker, or several of which one is enough.</summary>
    public void Guard(Alternatives guard) => _guards.Add(guard);

    /// <summary>
    /// The endpoint has turned out to be a rider's, before it is built. The bus does not report the starts and stops of such an endpoint, so it
    /// counts as consuming whenever its bus does. Its messages are held, so it never has to be stopped.
    /// </summary>
    public void LeaveToRider(IEndpointTransport holding)
    {
        transport = holding;
        _isOfRider = true;
        Begin(null);
    }

    /// <summary>The bus has started.</summary>
    public void OwnerStarted()
    {
        if (_isOfRider)
            Begin(null);
    }

    public void Reconsider() => Holds.Changed.Raise();

    /// <summary>
    /// The endpoint was removed from its bus, which stops it now unless it is paused. A paused endpoint stays as it is, and its loop ends.
    /// </summary>
    /// <returns>The operator's hold on this instance, which outlives the endpoint; null if there is none.</returns>
    public OperatorHold? Remove()
    {
        _isRemoved = true;
        Reconsider();
        Removed?.Invoke();
        _guards.RemoveLocal();
        return Holds.Remove();
    }

    /// <summary>
    /// Returns a delivered message to its queue, without consequences. It stays unacknowledged until the endpoint is stopped. The loop stops the
    /// endpoint even if nothing wants it paused by then.
    /// </summary>
    /// <param name="context">The message.</param>
    /// <param name="toEnd">Whether it goes behind the others, if the transport can do that.</param>
    /// <returns>The exception to throw. MassTransit does not acknowledge, fault or log a message that ends in it.</returns>
    public async ValueTask<OperationCanceledException> ReturnAsync(ConsumeContext context, bool toEnd = false)
    {
        telemetry.Returned(IsHeld ? [] : [.. _guards.Unavailable]);
        if (await transport.ReturnAsync(context.ReceiveContext, toEnd).ConfigureAwait(false))
        {
            _mustStop = true;
            Reconsider();
        }

        return new OperationCanceledException("The message was returned to its queue.", context.ReceiveContext.CancellationToken);
    }

    /// <summary>
    /// A consumer is about to start on its own channel, and may deliver before it is ready. The gate cannot refuse a start by the owner. But when the
    /// endpoint is to be paused, the broker need not be asked for messages. The loop then first stops the endpoint, whatever is desired by that time.
    /// </summary>
    /// <returns>Whether the consumer may take messages.</returns>
    /// <exception cref="OperationCanceledException">
    /// The endpoint is being stopped. MassTransit does not close a channel that opens during the stop, and would wait for its consumer for ever.
    /// </exception>
    public bool PrepareStart()
    {
        lock (_lock)
        {
            if (_isRemoved || (_life.IsStopClaimed && (IsBusStopped || !_life.HasEnded)))
                throw new OperationCanceledException($"Endpoint '{name}' is being stopped, so no consumer is started on it.");
            var desired = Desired;
            if (_life.HasEnded && !IsBusStopped)
                _life = new EndpointLife(time);
            if (_life.Loop is null)
                (_mustStop, transport.Limit) = (false, desired.Limit);
            _mustStop |= desired.IsPaused;
        }

        Reconsider();
        return !_mustStop;
    }

    /// <inheritdoc cref="IEndpointTransport.Abandon"/>
    public void Abandon(ReceiveContext delivery) => transport.Abandon(delivery);

    /// <summary>Counts a message that has left the queue for good. A message that was given up is still in it.</summary>
    public void Count(ConsumeContext context)
    {
        if (!context.ReceiveContext.CancellationToken.IsCancellationRequested)
            _handled.Increment();
    }

    /// <summary>Reports that one message alone holds a breaker open. Called once for each message.</summary>
    public void ReportAlone(string breaker, Guid messageId, int rounds)
    {
        telemetry.Suspected(breaker);
        log.HeldOpenByOne(breaker, messageId, name, rounds);
    }

    public EndpointSnapshot GetSnapshot()
    {
        var actual = transport.CanReturn || _actual.State == EndpointState.Stopped ? _actual : Desired;
        return new EndpointSnapshot
        {
            Name = name,
            Address = address,
            State = actual.State,
            Limit = actual.Limit,
            Breakers = [.. _guards.Breakers.Select(breaker => breaker.Name)],
            Hold = Holds.Current,
            Handled = _handled.Sum(),
            Alternatives = [.. _guards.All.Where(guard => !guard.IsOne).Select(guard => guard.Breakers.Select(breaker => breaker.Name).ToImmutableArray())],
        };
    }

    /// <summary>
    /// The owner is about to stop the endpoint. Releases all that wait and lets a running stop or start finish, but does not wait for ever for a
    /// handler that ignores its cancellation token.
    /// </summary>
    public async Task CloseAsync()
    {
        var life = _life;
        life.End();
        if (life.Loop is { } loop && !await loop.EndsWithinAsync(_guards.DrainTimeout + LongestWaitForDrained, time).ConfigureAwait(false))
            log.EndpointNotDrained(name, _guards.DrainTimeout);
        EndAsStopped("stopped by its owner");
    }

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        transport.HasConsumer = ready.IsStarted;
        if (ready.IsStarted)
            Begin(ready.ReceiveEndpoint);
        return Task.CompletedTask;
    }

    async Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping)
    {
        var life = _life;
        if (life.ClaimStop(EndpointStop.ByOwner) == EndpointStop.ByGate)
            return;
        if (!life.HasEnded)
            await CloseAsync().ConfigureAwait(false);
        await life.EndConsumerAsync(transport, LongestWaitForDrained).ConfigureAwait(false);
    }

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed)
    {
        _life.Complete();
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    void Begin(IReceiveEndpoint? endpoint)
    {
        lock (_lock)
        {
            // A start that was under way when the owner stopped the endpoint still arrives here.
            if (IsBusStopped)
                return;
            if (_life.HasEnded)
                _life = new EndpointLife(time);
            var life = _life;
            life.IsConsuming = true;
            if (life.Loop is not null)
                return;
            _actual = transport.Limit is { } limit
                ? new DesiredState(EndpointState.Limited, limit, "a breaker was not closed when it started")
                : DesiredState.Running;
            // Otherwise the loop, and every later message, would inherit the AsyncLocals of whoever starts the endpoint.
            using (ExecutionContext.SuppressFlow())
                life.Loop = Task.Run(() => RunAsync(life, endpoint!));
        }
    }

    async Task RunAsync(EndpointLife life, IReceiveEndpoint endpoint)
    {
        while (!life.HasEnded)
        {
            var changed = Changed;
            var desired = Desired;
            try
            {
                if (_isRemoved && _actual.IsPaused)
                    End(life);
                else if (transport.CanReturn && !_actual.IsPaused && (_mustStop || !desired.Matches(_actual)))
                    await PauseAsync(life, endpoint, desired).ConfigureAwait(false);
                else if (_actual.IsPaused && !desired.IsPaused)
                    await ResumeAsync(life, endpoint, desired).ConfigureAwait(false);
                else
                {
                    telemetry.Settled(desired.State, desired.Reason);
                    await Task.WhenAny(changed, life.Ended).ConfigureAwait(false);
                }
            }
            catch (Exception exception)
            {
                log.EndpointStuck(name, desired.State, exception.Message, RetryDelay);
                await Task.WhenAny(Task.Delay(RetryDelay, time, CancellationToken.None), life.Ended).ConfigureAwait(false);
            }
        }
    }

    async Task PauseAsync(EndpointLife life, IReceiveEndpoint endpoint, DesiredState desired)
    {
        var stopped = StopAsync(life, endpoint);
        if (!await stopped.EndsWithinAsync(_guards.DrainTimeout, time).ConfigureAwait(false))
        {
            log.EndpointNotDrained(name, _guards.DrainTimeout);
            Overdue?.Invoke();
        }

        await stopped.ConfigureAwait(false);
        _mustStop = false;
        _actual = new DesiredState(EndpointState.Paused, null, desired.Reason);
        transport.ReportHealthy(endpoint, desired.Reason);
        if (desired.IsPaused)
            log.EndpointMoved(name, EndpointState.Paused, "", desired.Reason);
    }

    async Task StopAsync(EndpointLife life, IReceiveEndpoint endpoint)
    {
        await life.EndConsumerAsync(transport, _guards.DrainTimeout + LongestWaitForDrained).ConfigureAwait(false);
        await life.StopAsync(endpoint).ConfigureAwait(false);
    }

    async Task ResumeAsync(EndpointLife life, IReceiveEndpoint endpoint, DesiredState desired)
    {
        if (owner.Find(address) != endpoint)
        {
            End(life);
            return;
        }

        transport.Limit = desired.Limit;
        var handle = endpoint.Start(CancellationToken.None);
        if (owner.Find(address) != endpoint)
        {
            // Removed just before the start, when its bus took it for stopped.
            await life.StopAsync(endpoint).ConfigureAwait(false);
            End(life);
            return;
        }

        _actual = desired;
        log.EndpointMoved(
            name, desired.State, desired.Limit is { } limit ? string.Create(CultureInfo.InvariantCulture, $" to {limit}") : "", desired.Reason);
        Reconsider();
        // Stays pending while the broker is away, and MassTransit keeps trying. A pause must not wait for it for ever.
        if (!await Task.WhenAny(handle.Ready, life.Ended).EndsWithinAsync(LongestWaitForReady, time).ConfigureAwait(false))
            log.EndpointStuck(name, desired.State, "the broker does not answer", RetryDelay);
        // MassTransit never starts an endpoint again that was stopped while it started.
        if (life.HasEnded)
            await handle.Ready.EndsWithinAsync(LongestWaitForLastStart, time).ConfigureAwait(false);
    }

    void End(EndpointLife life)
    {
        life.End();
        EndAsStopped("removed by its owner");
    }

    void EndAsStopped(string reason)
    {
        _actual = new DesiredState(EndpointState.Stopped, null, reason);
        telemetry.Settled(EndpointState.Stopped, reason);
        transport.Limit = null;
    }
}
