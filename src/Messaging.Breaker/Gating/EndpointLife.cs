using System.Diagnostics.CodeAnalysis;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Gating;

/// <summary>One life of the endpoint, from the owner's start to the owner's stop.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing, and late waiters may still link to its token.")]
sealed class EndpointLife
{
    readonly CancellationTokenSource _stopping = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly AsyncSignal _completed = new();
    volatile EndpointStop _stop;
    volatile bool _isConsuming;

    public EndpointLife() => Stopping = _stopping.Token;

    public CancellationToken Stopping { get; }

    /// <summary>Completes when the current consumer has been cancelled and everything that it delivered is done.</summary>
    public Task Completed => _completed.Next;

    public Task Ended => _ended.Task;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Null until the consumer was ready for the first time.</summary>
    public Task? Loop { get; set; }

    /// <summary>Claims the stop of the endpoint. Of the gate and the owner, the first one stops it.</summary>
    /// <returns>Who had claimed it before.</returns>
    public EndpointStop ClaimStop(EndpointStop by) => Interlocked.CompareExchange(ref _stop, by, EndpointStop.None);

    /// <summary>Whether the endpoint is being stopped, or was stopped by its owner.</summary>
    public bool IsStopClaimed => _stop != EndpointStop.None;

    /// <summary>The gate has stopped the endpoint, and may start it again.</summary>
    public void EndStop() => Interlocked.Exchange(ref _stop, EndpointStop.None);

    /// <summary>Whether the consumer is running: it has not completed since it was ready.</summary>
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

enum EndpointStop
{
    None,
    ByGate,
    ByOwner,
}
