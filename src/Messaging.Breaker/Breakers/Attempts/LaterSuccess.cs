using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>
/// What a failing message waits for: the success of other messages that began after its failure. One success shows that the dependency works. How
/// many more must succeed before the message runs again is random. Written under the lock of <see cref="LaterSuccesses"/>, read without it.
/// </summary>
/// <param name="failedAt">When the message failed.</param>
/// <param name="wanted">How many successes are enough.</param>
/// <param name="needsCall">Whether only successes that called the dependency count, because the message had called it before it failed.</param>
sealed class LaterSuccess(long failedAt, int wanted, bool needsCall)
{
    readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _missing = wanted;
    volatile bool _hasCome;

    /// <summary>Whether a success has shown that the dependency works.</summary>
    public bool HasCome => _hasCome;

    public Task Enough => _enough.Task;

    /// <summary>
    /// Waits until others have shown that the dependency works, the breaker has left the state of the permit, or <paramref name="delay"/> has passed.
    /// </summary>
    public async Task<WaitResult> WaitAsync(CircuitBreaker breaker, Permit permit, TimeSpan delay, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var silence = Task.Delay(delay, breaker.Clock.Time, ended.Token);
        try
        {
            while (true)
            {
                var changed = breaker.Changed;
                if (!breaker.IsCurrent(permit) || (silence.IsCompleted && stopping.IsCancellationRequested))
                    return WaitResult.StateChanged;
                if (Enough.IsCompleted || (silence.IsCompleted && HasCome))
                    return WaitResult.OthersSucceed;
                if (silence.IsCompleted)
                    return WaitResult.Silence;
                await Task.WhenAny(Enough, changed, silence).ConfigureAwait(false);
            }
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Another message, which began at <paramref name="startedAt"/>, has succeeded.</summary>
    /// <returns>Whether more successes are needed.</returns>
    public bool Note(long startedAt, bool hasCalled)
    {
        if (startedAt < failedAt || (needsCall && !hasCalled))
            return true;
        _hasCome = true;
        if (--_missing > 0)
            return true;
        _enough.TrySetResult();
        return false;
    }
}
