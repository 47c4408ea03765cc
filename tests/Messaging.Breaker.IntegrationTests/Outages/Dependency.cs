using System.Collections.Concurrent;

namespace Messaging.Breaker.IntegrationTests.Outages;

/// <summary>A dependency that a test can take down and bring back. It records which messages were handled.</summary>
public sealed class Dependency
{
    readonly ConcurrentDictionary<int, int> _handled = new();
    readonly ConcurrentQueue<int> _order = new();
    volatile bool _isDown;
    volatile TaskCompletionSource? _stall;
    int _callsWhileDown;
    int _stalled;

    public bool IsDown
    {
        get => _isDown;
        set => _isDown = value;
    }

    public int CallsWhileDown => Volatile.Read(ref _callsWhileDown);

    public int Handled => _handled.Count;

    public int Duplicates => _handled.Values.Sum(times => times - 1);

    /// <summary>The handled messages, in order.</summary>
    public IReadOnlyList<int> Order => [.. _order];

    /// <summary>The number of calls that hang.</summary>
    public int Stalled => Volatile.Read(ref _stalled);

    /// <summary>Makes every call hang until the returned source is completed.</summary>
    public TaskCompletionSource Stall() => _stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task CallAsync(int number, CancellationToken cancellationToken = default)
    {
        if (_isDown)
        {
            Interlocked.Increment(ref _callsWhileDown);
            throw new IOException("The dependency is down.");
        }

        if (_stall is { } stall)
            await HangAsync(stall.Task, cancellationToken);
        _handled.AddOrUpdate(number, 1, (_, times) => times + 1);
        _order.Enqueue(number);
    }

    async Task HangAsync(Task stall, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _stalled);
        try
        {
            await stall.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _stalled);
        }
    }
}
