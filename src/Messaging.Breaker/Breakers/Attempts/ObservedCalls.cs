using Messaging.Breaker.Classifying;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>What the calls to one dependency said during one attempt. Guarded by the attempt's lock.</summary>
sealed class ObservedCalls
{
    // The exceptions of failing calls; null stands for a call that was answered.
    List<Exception?>? _failures;
    // When the calls in progress began, if the breaker watches for slow calls.
    List<long>? _underWay;
    bool _hasAnswered;
    bool _beginsToAnswer;

    /// <summary>A call got a healthy answer. An answer that is not read to its end counts by its beginning.</summary>
    public bool WereAnswered => _hasAnswered || (_beginsToAnswer && !WereCancelled);

    public bool HaveFailed => _failures is not null;

    /// <summary>A call was cancelled by its caller.</summary>
    public bool WereCancelled { get; set; }

    /// <summary>The breaker refused a call.</summary>
    public bool WereRefused { get; set; }

    /// <summary>The duration of the slowest answer.</summary>
    public long Slowest { get; private set; }

    /// <summary>The attempt has ended: calls that end from now on are too late for it.</summary>
    public bool IsOver { get; set; }

    /// <summary>When the oldest unanswered call began; null if there is none, or if the breaker does not watch for slow calls.</summary>
    public long? WaitsSince => _underWay is { Count: > 0 } ? _underWay[0] : null;

    public void Begin(long now) => (_underWay ??= []).Add(now);

    /// <summary>The call has ended, in whatever way.</summary>
    public void End(long startedAt) => _underWay?.Remove(startedAt);

    public void BeginAnswer(long elapsed)
    {
        _beginsToAnswer = true;
        Slowest = Math.Max(Slowest, elapsed);
    }

    public void Answer(long elapsed)
    {
        _hasAnswered = true;
        Slowest = Math.Max(Slowest, elapsed);
    }

    public void Fail(Exception? thrown) => (_failures ??= []).Add(thrown);

    /// <summary>Whether an exception comes from one of the calls.</summary>
    public bool Explain(Exception exception, string breaker)
    {
        foreach (var nested in ExceptionChain.Of(exception))
            if ((_failures is not null && (_failures.Contains(nested) || (IsOfAnswer(nested) && _failures.Contains(null))))
                || (WereCancelled && nested is OperationCanceledException)
                || (WereRefused && nested is BreakerOpenException refusal && refusal.Breaker == breaker))
                return true;
        return false;
    }

    /// <summary>Clients throw these for an answer that reports a failure.</summary>
    static bool IsOfAnswer(Exception exception) =>
        exception is HttpRequestException { StatusCode: not null } || exception.GetType().FullName == "Grpc.Core.RpcException";
}
