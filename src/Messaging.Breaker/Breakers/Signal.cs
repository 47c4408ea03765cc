namespace Messaging.Breaker.Breakers;

/// <summary>
/// Wakes everyone who waits. Take <see cref="Next"/> before looking at what you wait for: a change between the look and the wait is then not missed.
/// </summary>
sealed class Signal
{
    TaskCompletionSource _next = New();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, New()).SetResult();

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
