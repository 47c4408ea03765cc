namespace Messaging.Breaker.Primitives;

/// <summary>
/// Wakes everyone who waits. Take <see cref="Next"/> before you check the condition: then a change between the check and the wait is not
/// missed.
/// </summary>
sealed class AsyncSignal
{
    TaskCompletionSource _next = New();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, New()).SetResult();

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
