namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>What failing messages wait for. A success costs one read while no message waits.</summary>
sealed class LaterSuccesses
{
    readonly Lock _lock = new();
    readonly List<LaterSuccess> _awaited = [];
    volatile bool _isAwaited;

    public void Await(LaterSuccess success)
    {
        lock (_lock)
        {
            _awaited.Add(success);
            _isAwaited = true;
        }
    }

    public void Dismiss(LaterSuccess success)
    {
        lock (_lock)
        {
            _awaited.Remove(success);
            _isAwaited = _awaited.Count > 0;
        }
    }

    /// <summary>Another message has succeeded.</summary>
    /// <param name="startedAt">When it began.</param>
    /// <param name="hasCalled">Whether it called the dependency.</param>
    public void Note(long startedAt, bool hasCalled)
    {
        if (_isAwaited)
            NoteLocked(startedAt, hasCalled);
    }

    void NoteLocked(long startedAt, bool hasCalled)
    {
        lock (_lock)
        {
            _awaited.RemoveAll(success => !success.Note(startedAt, hasCalled));
            _isAwaited = _awaited.Count > 0;
        }
    }
}
