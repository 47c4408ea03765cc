using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Gating;

/// <summary>
/// Pauses and resumes one receive endpoint. The desired state follows from the breakers and the operator's hold; one serial loop drives the
/// endpoint towards it, so no two stops and starts overlap and a change of mind is only the next iteration. The loop lives while the
/// endpoint's owner wants it started.
/// </summary>
sealed class EndpointGate(
    string name, Uri address, IEndpointOwner owner, IEndpointTransport transport, TimeProvider time, EndpointTelemetry telemetry, ILogger log)
    : IReceiveEndpointObserver
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestWaitForReady = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LongestWaitForDrained = TimeSpan.FromSeconds(2);

    readonly Lock _lock = new();
    List<Alternatives> _guards = [];
    readonly StripedCounter _handled = new();
    Life _life = new();
    volatile bool _isBusStopped;
    bool _isOfRider;
    volatile bool _isRemoved;
    volatile bool _hasReturns;
    volatile DesiredState _actual = new(EndpointState.Stopped, null, "not started");

    public string Name => name;

    public Uri Address => address;

    public IEndpointOwner Owner => owner;

    /// <summary>Set from when the bus begins to stop until it starts again: what was still starting is not to be started again.</summary>
    public bool IsBusStopped
    {
        get => _isBusStopped;
        set => _isBusStopped = value;
    }

    /// <summary>A pause has waited too long for the messages that are under way.</summary>
    public event Action? Overdue;

    /// <summary>The endpoint is no longer one of its bus, and is not to be kept by anybody.</summary>
    public event Action? Removed;

    /// <summary>Completes when the desired state may have changed.</summary>
    public Task Changed => Holds.Changed.Next;

    /// <summary>Cancelled when the endpoint's owner stops it: nobody must wait in a filter any longer.</summary>
    public CancellationToken Stopping => _life.Stopping;

    /// <summary>What operators want. They need no breaker.</summary>
    public EndpointHolds Holds { get; } = new(name, time, log);

    /// <summary>An operator, not a breaker, keeps messages from being handled, or may do so for all that is known yet.</summary>
    public bool IsHeld => Holds.Current is not null || !Holds.Known.IsCompleted;

    /// <summary>
    /// A message that is not admitted should go back to the queue at once: the endpoint is about to be stopped, which puts it back.
    /// </summary>
    public bool ShouldReturn =>
        transport.CanReturn && (_hasReturns || (Desired is var desired && (desired.IsPaused || !desired.Matches(_actual))));

    public bool CanReturn => transport.CanReturn;

    public DesiredState Desired
    {
        get
        {
            if (Holds.Current is { } hold)
                return new DesiredState(EndpointState.Paused, null, $"held by {hold.Holder}: {hold.Reason}");
            var limit = int.MaxValue;
            var prober = "";
            foreach (var guard in _guards)
            {
                if (guard.FailFastRequests)
                    continue;
                if (guard.IsRefusing)
                    return new DesiredState(EndpointState.Paused, null, guard.PauseReason);
                if (guard.ProbeLimit is { } probes && probes < limit)
                    (limit, prober) = (probes, guard.ProbeReason);
            }

            return limit == int.MaxValue
                ? DesiredState.Running
                : new DesiredState(EndpointState.Limited, limit, prober);
        }
    }

    /// <summary>Some breaker guards the endpoint. Known once it has been validated.</summary>
    public bool IsGuarding => _guards.Count > 0;

    /// <summary>The most impatient of the breakers decides.</summary>
    TimeSpan DrainTimeout => Breakers.Select(breaker => breaker.Options.DrainTimeout).DefaultIfEmpty().Min();

    IEnumerable<CircuitBreaker> Breakers => _guards.SelectMany(guard => guard.Breakers);

    /// <summary>One more keeps messages back: a breaker, or several of which one is enough.</summary>
    public void Guard(Alternatives guard) => _guards.Add(guard);

    /// <summary>
    /// The endpoint has turned out to be a rider's, before it is built. The bus tells nothing of its starts and stops, so it counts as consuming
    /// whenever its bus does. Its messages are held, so nobody has to stop it.
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
    /// The endpoint was removed from its bus, which stops it now, unless it is paused; then it stays as it is, and its loop ends.
    /// </summary>
    /// <returns>The operator's hold on this instance, which outlives it; null if there is none.</returns>
    public OperatorHold? Remove()
    {
        _isRemoved = true;
        Reconsider();
        Removed?.Invoke();
        _guards = _guards.FindAll(guard => !guard.IsLocal);
        return Holds.Remove();
    }

    /// <summary>
    /// Returns a delivered message to its queue, without consequences: it stays unacknowledged until the endpoint is stopped, which the loop
    /// will see to even if nobody wants the endpoint paused by then.
    /// </summary>
    /// <param name="context">The message.</param>
    /// <param name="toEnd">Behind the others, if the transport can.</param>
    /// <returns>The exception to throw: MassTransit neither acknowledges, nor faults, nor logs a message that ends in it.</returns>
    public async ValueTask<OperationCanceledException> ReturnAsync(ConsumeContext context, bool toEnd = false)
    {
        telemetry.Returned(IsHeld ? [] : [.. _guards.Where(guard => guard.IsOne || !guard.IsAnyClosed).SelectMany(guard => guard.Breakers)]);
        if (await transport.ReturnAsync(context.ReceiveContext, toEnd).ConfigureAwait(false))
        {
            _hasReturns = true;
            Reconsider();
        }

        return new OperationCanceledException("The message was returned to its queue.", context.ReceiveContext.CancellationToken);
    }

    /// <summary>
    /// A consumer is about to start on a channel of its own, and may deliver before it is ready. If its owner starts it, that is not ours to
    /// refuse, but what is paused at once need not take a whole prefetch first.
    /// </summary>
    public void PrepareStart()
    {
        lock (_lock)
        {
            if (_life.HasEnded)
                _life = new Life();
            if (_life.Loop is not null)
                return;
            _hasReturns = false;
            transport.Limit = Desired is { IsPaused: false } desired ? desired.Limit : 1;
        }
    }

    /// <inheritdoc cref="IEndpointTransport.Abandon"/>
    public void Abandon(ReceiveContext delivery) => transport.Abandon(delivery);

    /// <summary>A message has left the queue for good; one that was given up is still in it.</summary>
    public void Count(ConsumeContext context)
    {
        if (!context.ReceiveContext.CancellationToken.IsCancellationRequested)
            _handled.Increment();
    }

    /// <summary>One message alone holds a breaker open: said once of each.</summary>
    public void ReportAlone(string breaker, Guid messageId, int rounds)
    {
        telemetry.Suspected(breaker);
        log.HeldOpenByOne(breaker, messageId, name, rounds);
    }

    public EndpointSnapshot GetSnapshot()
    {
        var actual = transport.CanReturn || _actual.State == EndpointState.Stopped ? _actual : Desired;
        return new EndpointSnapshot(name, address, actual.State, actual.Limit, [.. Breakers.Select(breaker => breaker.Name)], Holds.Current, _handled.Sum())
        {
            Alternatives = [.. _guards.Where(guard => !guard.IsOne).Select(guard => guard.Breakers.Select(breaker => breaker.Name).ToImmutableArray())],
        };
    }

    /// <summary>
    /// The owner is about to stop the endpoint: releases who waits, and lets a stop or start under way finish, but not for the sake of a
    /// handler that heeds no token.
    /// </summary>
    public async Task CloseAsync()
    {
        var life = _life;
        life.End();
        if (life.Loop is { } loop && !await InTimeAsync(loop, DrainTimeout + LongestWaitForDrained).ConfigureAwait(false))
            log.EndpointNotDrained(name, DrainTimeout);
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
        if (_life is { HasEnded: false, IsMoving: false })
            await CloseAsync().ConfigureAwait(false);
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
            // A start that was under way when the owner stopped the endpoint still ends in this.
            if (IsBusStopped)
                return;
            if (_life.HasEnded)
                _life = new Life();
            var life = _life;
            life.IsConsuming = true;
            if (life.Loop is not null)
                return;
            _actual = transport.Limit is { } limit
                ? new DesiredState(EndpointState.Limited, limit, "a breaker was not closed when it started")
                : DesiredState.Running;
            // Whoever starts the endpoint must not lend the loop, and through it every later message, his AsyncLocals.
            using (ExecutionContext.SuppressFlow())
                life.Loop = Task.Run(() => RunAsync(life, endpoint!));
        }
    }

    async Task RunAsync(Life life, IReceiveEndpoint endpoint)
    {
        while (!life.HasEnded)
        {
            var changed = Changed;
            var desired = Desired;
            try
            {
                if (_isRemoved && _actual.IsPaused)
                    End(life);
                else if (transport.CanReturn && !_actual.IsPaused && (_hasReturns || !desired.Matches(_actual)))
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

    async Task PauseAsync(Life life, IReceiveEndpoint endpoint, DesiredState desired)
    {
        life.IsMoving = true;
        try
        {
            var stopped = StopAsync(life, endpoint);
            if (!await InTimeAsync(stopped, DrainTimeout).ConfigureAwait(false))
            {
                log.EndpointNotDrained(name, DrainTimeout);
                Overdue?.Invoke();
            }

            await stopped.ConfigureAwait(false);
        }
        finally
        {
            life.IsMoving = false;
        }

        _hasReturns = false;
        _actual = new DesiredState(EndpointState.Paused, null, desired.Reason);
        transport.ReportHealthy(endpoint, desired.Reason);
        if (desired.IsPaused)
            log.EndpointMoved(name, EndpointState.Paused, "", desired.Reason);
    }

    async Task StopAsync(Life life, IReceiveEndpoint endpoint)
    {
        var completed = life.Completed;
        if (life.IsConsuming && await transport.TryCancelAsync().ConfigureAwait(false))
            await InTimeAsync(completed, DrainTimeout + LongestWaitForDrained).ConfigureAwait(false);
        // Never with a token that can be cancelled: half a stop leaks the channel and with it the unacknowledged messages.
        await endpoint.Stop(CancellationToken.None).ConfigureAwait(false);
    }

    async Task ResumeAsync(Life life, IReceiveEndpoint endpoint, DesiredState desired)
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
            // Removed just before it was started: its bus took it for stopped.
            await endpoint.Stop(CancellationToken.None).ConfigureAwait(false);
            End(life);
            return;
        }

        _actual = desired;
        log.EndpointMoved(
            name, desired.State, desired.Limit is { } limit ? string.Create(CultureInfo.InvariantCulture, $" to {limit}") : "", desired.Reason);
        Reconsider();
        // While the broker is away this stays pending and MassTransit keeps trying by itself; a pause must not wait for it for ever.
        if (!await InTimeAsync(Task.WhenAny(handle.Ready, life.Ended), LongestWaitForReady).ConfigureAwait(false))
            log.EndpointStuck(name, desired.State, "the broker does not answer", RetryDelay);
    }

    void End(Life life)
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

    async Task<bool> InTimeAsync(Task task, TimeSpan limit)
    {
        await task.WaitAsync(limit, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }

    /// <summary>One life of the endpoint, from the owner's start to the owner's stop.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing, and late waiters may still link to its token.")]
    sealed class Life
    {
        readonly CancellationTokenSource _stopping = new();
        readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly Signal _completed = new();
        volatile bool _isMoving;
        volatile bool _isConsuming;

        public Life() => Stopping = _stopping.Token;

        public CancellationToken Stopping { get; }

        /// <summary>Completes when the consumer at work has been cancelled and all that it delivered is done.</summary>
        public Task Completed => _completed.Next;

        public Task Ended => _ended.Task;

        public bool HasEnded => _ended.Task.IsCompleted;

        /// <summary>Null until the consumer was ready for the first time.</summary>
        public Task? Loop { get; set; }

        /// <summary>The gate itself is stopping the endpoint.</summary>
        public bool IsMoving
        {
            get => _isMoving;
            set => _isMoving = value;
        }

        /// <summary>The consumer is at work: it has not completed since it was ready.</summary>
        public bool IsConsuming
        {
            get => _isConsuming;
            set => _isConsuming = value;
        }

        public void Complete()
        {
            _isConsuming = false;
            _completed.Raise();
        }

        public void End()
        {
            if (_ended.TrySetResult())
                _stopping.Cancel();
        }
    }
}
