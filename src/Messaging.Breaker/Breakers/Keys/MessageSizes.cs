namespace Messaging.Breaker.Breakers.Keys;

/// <summary>The mean size of the bodies that this process has seen. Thread-safe.</summary>
sealed class MessageSizes
{
    readonly Lock _lock = new();
    long _messages;
    long _bytes;

    /// <summary>In bytes; null if no body has been seen.</summary>
    public double? Mean
    {
        get
        {
            lock (_lock)
                return _messages == 0 ? null : (double)_bytes / _messages;
        }
    }

    public void Add(int bytes)
    {
        lock (_lock)
            (_messages, _bytes) = (_messages + 1, _bytes + bytes);
    }
}
