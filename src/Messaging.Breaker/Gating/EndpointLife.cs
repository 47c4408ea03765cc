using System.Diagnostics.CodeAnalysis;
using MassTransit;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Gating;

/// <summary>One life of the endpoint, from the owner's start to the owner's stop.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing, and late waiters may still link to its token.")]
sealed class EndpointLife(TimeProvider time)
{
    readonly CancellationTokenSource _stopping = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly AsyncSignal _completed = new();
    volatile EndpointStop _stop;
    volatile bool _isConsuming;

    public CancellationToken Stopping => _stopping.Token;

    public Task Ended => _ended.Task;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Null until the consumer was ready for the first time.</summary>
    public Task? Loop { get; set; }

    /// <summary>Whether the endpoint is being stopped, or was stopped by its owner.</summary>
    public bool IsStopClaimed => _stop != EndpointStop.None;

    /// <summary>Whether the consumer is running: it has not completed since it was ready.</summary>
    public bool IsConsuming
    {
        get => _isConsuming;
        set => _isConsuming = value;
    }

    /// <summary>Claims the stop of the endpoint. Of the gate and the owner, the first one stops it.</summary>
    /// <returns>Who had claimed it before.</returns>
    public EndpointStop ClaimStop(EndpointStop by) => Interlocked.CompareExchange(ref _stop, by, EndpointStop.None);

    /// <summary>Stops the endpoint, unless its owner does.</summary>
    public async Task StopAsync(IReceiveEndpoint endpoint)
    {
        if (ClaimStop(EndpointStop.ByGate) != EndpointStop.None)
            return;
        try
        {
            // Cannot be cancelled: half a stop leaks the channel and its unacknowledged messages.
            await endpoint.Stop(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            // The gate may start it again.
            Interlocked.Exchange(ref _stop, EndpointStop.None);
        }
    }

    /// <summary>
    /// Ends the consumer before the stop, which closes the channel while the consumer is still ending. A message that is put back at that moment can
    /// cost the whole connection.
    /// </summary>
    /// <param name="transport">The endpoint's.</param>
    /// <param name="limit">The longest wait for the broker, and then for the messages in flight.</param>
    public async Task EndConsumerAsync(IEndpointTransport transport, TimeSpan limit)
    {
        if (!IsConsuming)
            return;
        var completed = _completed.Next;
        // A request on a channel that is disposed of meanwhile is never answered.
        var cancelled = transport.TryCancelAsync();
        if (await cancelled.EndsWithinAsync(limit, time).ConfigureAwait(false)
            && await cancelled.ConfigureAwait(false)
            && await completed.EndsWithinAsync(limit, time).ConfigureAwait(false))
            await transport.PutBackAsync().ConfigureAwait(false);
    }

    /// <summary>The consumer has been cancelled, and everything that it delivered is done.</summary>
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

enum EndpointStop
{
    None,
    ByGate,
    ByOwner,
}
