namespace Messaging.Breaker.Breakers;

/// <summary>
/// What a failing message waits for: the success of calls that began after its failure. One shows that the dependency works; how many more
/// are let pass before the message is run again is drawn. Heard under the lock of its desk, read by anyone.
/// </summary>
sealed class Witness(long failedAt, int wanted)
{
    readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _missing = wanted;
    volatile bool _hasCome;

    /// <summary>The dependency was seen to work.</summary>
    public bool HasCome => _hasCome;

    public Task Enough => _enough.Task;

    /// <summary>A call has succeeded that began at that time.</summary>
    /// <returns>Whether this waits for more.</returns>
    public bool Hear(long startedAt)
    {
        if (startedAt < failedAt)
            return true;
        _hasCome = true;
        if (--_missing > 0)
            return true;
        _enough.TrySetResult();
        return false;
    }
}
