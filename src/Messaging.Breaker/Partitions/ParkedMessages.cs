namespace Messaging.Breaker.Partitions;

/// <summary>
/// What is known of the messages in one queue of a key. A broker tells how many there are, but neither their sizes nor their ages. So those that this
/// process has moved there are remembered, of which the newest are there still; the sizes of others, which another instance or an earlier run has moved,
/// are taken for the mean, and they are as old as the queue may be. Thread-safe.
/// </summary>
/// <param name="sizes">The sizes of all parked messages of the breaker, for a queue of which none was seen.</param>
/// <param name="emptyAt">When nothing was in it; null if that is not known.</param>
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

    /// <summary>How large their bodies are; null if none of the breaker was seen.</summary>
    public long? Bytes
    {
        get
        {
            lock (_lock)
                return _messages == 0 ? 0 : _unknown == 0 ? _knownBytes : (_own.Mean ?? sizes.Mean) is { } mean ? _knownBytes + (long)(_unknown * mean) : null;
        }
    }

    /// <summary>None of them was parked before; null if there is none, or that is not known.</summary>
    public DateTimeOffset? OldestAt
    {
        get
        {
            lock (_lock)
                return _oldestAt;
        }
    }

    /// <summary>When nothing was in it; null if that is not known.</summary>
    public DateTimeOffset? EmptyAt
    {
        get
        {
            lock (_lock)
                return _emptyAt;
        }
    }

    /// <summary>How many this process has moved there: to be taken before they are counted.</summary>
    public long Moved
    {
        get
        {
            lock (_lock)
                return _moved;
        }
    }

    /// <summary>This process is about to move one there.</summary>
    public void BeginMove()
    {
        lock (_lock)
            _moving++;
    }

    /// <summary>It has not got there.</summary>
    public void FailMove()
    {
        lock (_lock)
            _moving--;
    }

    /// <summary>It is there.</summary>
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

    /// <summary>One of that size was delivered from there.</summary>
    public void See(int bytes)
    {
        _own.Add(bytes);
        sizes.Add(bytes);
    }

    /// <summary>Another instance says that nothing was in it at that time, and may have moved messages there ever since.</summary>
    public void WasEmpty(DateTimeOffset at)
    {
        lock (_lock)
            _emptyAt = _emptyAt < at ? _emptyAt : at;
    }

    /// <summary>They were counted.</summary>
    /// <param name="messages">How many wait there.</param>
    /// <param name="underWay">How many of it are being handled, and may go back.</param>
    /// <param name="movedBefore"><see cref="Moved"/> before the count.</param>
    /// <param name="isEmpty">Nothing is in it, nor with another instance that has been delivered it.</param>
    /// <param name="at">When the count began.</param>
    public void Count(long messages, int underWay, long movedBefore, bool isEmpty, DateTimeOffset at)
    {
        lock (_lock)
        {
            var known = KeepNewest(messages + underWay + _moved - movedBefore);
            // What is just being moved may have been counted already.
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

    /// <summary>Two neighbours become one, as old as the older: ages become coarser, and not less.</summary>
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

    /// <summary>Messages that were moved shortly after each other.</summary>
    readonly record struct Span(DateTimeOffset At, long Messages, long Bytes);
}
