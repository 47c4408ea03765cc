namespace Messaging.Breaker.Breakers;

/// <summary>
/// Where a failing message waits for a witness: the success of a call that began after its failure, which shows that the dependency works.
/// Costs a success one read while nobody waits.
/// </summary>
sealed class WitnessDesk
{
    readonly Lock _lock = new();
    readonly List<(long FailedAt, TaskCompletionSource Witnessed)> _waiting = [];
    volatile bool _isAwaited;

    public Task WaitAsync(long failedAt)
    {
        var witnessed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((failedAt, witnessed));
            _isAwaited = true;
        }

        return witnessed.Task;
    }

    public void Leave(Task witnessed)
    {
        lock (_lock)
        {
            _waiting.RemoveAll(waiter => waiter.Witnessed.Task == witnessed);
            _isAwaited = _waiting.Count > 0;
        }
    }

    public void Testify(long startedAt)
    {
        if (_isAwaited)
            TestifyToAll(startedAt);
    }

    void TestifyToAll(long startedAt)
    {
        lock (_lock)
        {
            foreach (var (failedAt, witnessed) in _waiting)
                if (startedAt >= failedAt)
                    witnessed.TrySetResult();
            _waiting.RemoveAll(waiter => startedAt >= waiter.FailedAt);
            _isAwaited = _waiting.Count > 0;
        }
    }
}
