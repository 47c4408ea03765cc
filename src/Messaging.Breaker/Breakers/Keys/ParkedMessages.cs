namespace Messaging.Breaker.Breakers.Keys;

/// <summary>
/// What is known of the messages in a key's queue. A broker reports their number, but neither their sizes nor their ages. So this process
/// remembers the messages it moved there, of which the newest are still there. Messages that another instance or an earlier run moved there
/// are assumed to have the mean size, and to be as old as the queue may be. Thread-safe.
/// </summary>
/// <param name="sizes">The sizes of all parked messages of the breaker, for a queue without a known one.</param>
/// <param name="emptyAt">When the queue was empty; null if not known.</param>
sealed class ParkedMessages(MessageSizes sizes, DateTimeOffset? emptyAt)
{
    const int MostSpans = 256;

    static readonly TimeSpan Finest = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    readonly MessageSizes _own = new();
    readonly List<Span> _spans = [];
    TimeSpan _width = Finest;
    DateTimeOffset? _emptyAt = emptyAt;
    DateTimeOffset? _oldestAt;
    long _moved;
    int _moving;
    long? _messages;
    long _knownBytes;
    long _unknown;

    /// <summary>How many messages there are; null until they have been counted.</summary>
    public long? Messages
    {
        get
        {
            lock (_lock)
                return _messages;
        }
    }

    /// <summary>The total size of their bodies; null if no body of the breaker has been seen.</summary>
    public long? Bytes
    {
        get
        {
            lock (_lock)
                return _messages == 0 ? 0 : _unknown == 0 ? _knownBytes : (_own.Mean ?? sizes.Mean) is { } mean ? _knownBytes + (long)(_unknown * mean) : null;
        }
    }

    /// <summary>The earliest time at which any of them was parked; null if there is none, or the time is not known.</summary>
    public DateTimeOffset? OldestAt
    {
        get
        {
            lock (_lock)
                return _oldestAt;
        }
    }

    /// <summary>When the queue was empty; null if not known.</summary>
    public DateTimeOffset? EmptyAt
    {
        get
        {
            lock (_lock)
                return _emptyAt;
        }
    }

    /// <summary>How many messages this process has moved there. Read it before they are counted.</summary>
    public long Moved
    {
        get
        {
            lock (_lock)
                return _moved;
        }
    }

    /// <summary>This process is about to move a message there.</summary>
    public void BeginMove()
    {
        lock (_lock)
            _moving++;
    }

    /// <summary>The move failed.</summary>
    public void FailMove()
    {
        lock (_lock)
            _moving--;
    }

    /// <summary>The move succeeded.</summary>
    public void EndMove(int bytes, DateTimeOffset at)
    {
        See(bytes);
        lock (_lock)
        {
            _moving--;
            _moved++;
            if (_spans is [.., var last] && at - last.At < _width)
                _spans[^1] = last with { Messages = last.Messages + 1, Bytes = last.Bytes + bytes };
            else
                _spans.Add(new Span(at, 1, bytes));
            if (_spans.Count > MostSpans)
                Coarsen();
        }
    }

    /// <summary>A message of that size was delivered from there.</summary>
    public void See(int bytes)
    {
        _own.Add(bytes);
        sizes.Add(bytes);
    }

    /// <summary>Another instance reports that the queue was empty at that time, and may have moved messages there since.</summary>
    public void WasEmpty(DateTimeOffset at)
    {
        lock (_lock)
            _emptyAt = _emptyAt < at ? _emptyAt : at;
    }

    /// <summary>The messages were counted.</summary>
    /// <param name="messages">How many wait there.</param>
    /// <param name="underWay">How many of its messages are being handled, and may go back.</param>
    /// <param name="movedBefore"><see cref="Moved"/> before the count.</param>
    /// <param name="isEmpty">Whether the queue is empty, and no other instance holds a delivery from it.</param>
    /// <param name="at">When the count began.</param>
    public void Count(long messages, int underWay, long movedBefore, bool isEmpty, DateTimeOffset at)
    {
        lock (_lock)
        {
            var known = KeepNewest(messages + underWay + _moved - movedBefore);
            // The count may already include a message that is being moved.
            (_messages, _unknown) = (messages, Math.Max(0, messages + underWay - known - _moving));
            _knownBytes = _spans.Sum(span => span.Bytes);
            if (isEmpty)
                _emptyAt = at;
            _oldestAt = messages == 0 ? null : _unknown > 0 || _spans.Count == 0 ? _emptyAt : _spans[0].At;
        }
    }

    /// <returns>How many of them there are.</returns>
    long KeepNewest(long most)
    {
        var known = _spans.Sum(span => span.Messages);
        var gone = 0;
        for (; gone < _spans.Count && known - _spans[gone].Messages >= most; gone++)
            known -= _spans[gone].Messages;
        _spans.RemoveRange(0, gone);
        if (known <= most)
            return known;
        var first = _spans[0];
        var left = first.Messages - (known - most);
        _spans[0] = first with { Messages = left, Bytes = first.Bytes * left / first.Messages };
        return most;
    }

    /// <summary>Merges two neighbours into one with the older age: ages become coarser, but never too low.</summary>
    void Coarsen()
    {
        _width *= 2;
        for (var at = 0; at + 1 < _spans.Count; at++)
        {
            var (older, newer) = (_spans[at], _spans[at + 1]);
            _spans[at] = older with { Messages = older.Messages + newer.Messages, Bytes = older.Bytes + newer.Bytes };
            _spans.RemoveAt(at + 1);
        }
    }

    /// <summary>Messages that were moved within a short time.</summary>
    readonly record struct Span(DateTimeOffset At, long Messages, long Bytes);
}
