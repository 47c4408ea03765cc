namespace Messaging.Breaker.Breakers;

/// <summary>
/// What a failing message waits for: the success of others that began after its failure. One shows that the dependency works; how many more
/// are let pass before the message is run again is drawn. Written under the lock of <see cref="LaterSuccesses"/>, read by anyone.
/// </summary>
/// <param name="failedAt">When the message failed.</param>
/// <param name="wanted">How many successes are enough.</param>
/// <param name="needsCall">Only those that called the dependency count: the message had called it before it failed.</param>
sealed class LaterSuccess(long failedAt, int wanted, bool needsCall)
{
    readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _missing = wanted;
    volatile bool _hasCome;

    /// <summary>The dependency was seen to work.</summary>
    public bool HasCome => _hasCome;

    public Task Enough => _enough.Task;

    /// <summary>Another has succeeded that began at that time.</summary>
    /// <returns>Whether this waits for more.</returns>
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
