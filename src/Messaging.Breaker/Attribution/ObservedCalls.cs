namespace Messaging.Breaker.Attribution;

/// <summary>What the calls to one dependency said during one attempt. Guarded by the lock of the attempt.</summary>
sealed class ObservedCalls
{
    // What failing calls threw; null stands for one that was answered.
    List<Exception?>? _failures;
    // When the calls under way began, of a breaker that looks after slow ones.
    List<long>? _underWay;
    bool _hasAnswered;
    bool _beginsToAnswer;

    /// <summary>A call was answered, and the answer is a sign of health. An answer that nobody reads to its end counts by its beginning.</summary>
    public bool WereAnswered => _hasAnswered || (_beginsToAnswer && !WereCancelled);

    public bool HaveFailed => _failures is not null;

    /// <summary>A call was cancelled by its caller.</summary>
    public bool WereCancelled { get; set; }

    /// <summary>The breaker refused a call.</summary>
    public bool WereRefused { get; set; }

    /// <summary>How long the slowest answer took.</summary>
    public long Slowest { get; private set; }

    /// <summary>The attempt has ended: what ends now came too late for it.</summary>
    public bool IsOver { get; set; }

    /// <summary>When the oldest call began that nobody has answered yet; null if there is none, or nobody looks after slow ones.</summary>
    public long? WaitsSince => _underWay is { Count: > 0 } ? _underWay[0] : null;

    public void Begin(long now) => (_underWay ??= []).Add(now);

    /// <summary>The call waits no longer, however that came.</summary>
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

    /// <summary>Clients throw these for an answer that says that the call failed.</summary>
    static bool IsOfAnswer(Exception exception) =>
        exception is HttpRequestException { StatusCode: not null } || exception.GetType().FullName == "Grpc.Core.RpcException";
}
