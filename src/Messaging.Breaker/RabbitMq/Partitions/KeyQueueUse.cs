namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Whether the queue of a key is in use: messages are there, or on their way there from this instance, or another instance needs it.
/// Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="isKnown">Whether the register says that it exists.</param>
sealed class KeyQueueUse(TimeProvider time, bool isKnown)
{
    readonly Lock _lock = new();
    int _moves;
    bool _isInUse = isKnown;
    bool _isGone;
    bool _isWanted;
    long _wantedAt = time.GetTimestamp();
    int _deletions;

    /// <summary>New messages of the key have to go behind those that are here.</summary>
    public bool IsInUse
    {
        get
        {
            lock (_lock)
                return _isInUse || _moves > 0;
        }
    }

    /// <summary>It is deleted, or was never declared: if it is needed again, that is a new one.</summary>
    public bool IsGone
    {
        get
        {
            lock (_lock)
                return _isGone;
        }
    }

    /// <summary>How often other instances have deleted it.</summary>
    public int Deletions => Volatile.Read(ref _deletions);

    /// <summary>When an instance last announced that it is about to use it.</summary>
    public TimeSpan SinceWanted
    {
        get
        {
            lock (_lock)
                return time.GetElapsedTime(_wantedAt);
        }
    }

    /// <summary>Counts a message that is about to come, so that the queue stays; ended by <see cref="EndMove"/>.</summary>
    /// <returns>False if the queue is gone.</returns>
    public bool TryBeginMove()
    {
        lock (_lock)
        {
            if (_isGone)
                return false;
            _moves++;
            return true;
        }
    }

    public void EndMove()
    {
        lock (_lock)
            _moves--;
    }

    /// <summary>This instance is about to use it.</summary>
    public void Want()
    {
        lock (_lock)
            _wantedAt = time.GetTimestamp();
    }

    /// <summary>It exists.</summary>
    public void Open()
    {
        lock (_lock)
            (_isInUse, _isGone) = (true, false);
    }

    /// <summary>Another instance announces that it moves messages there.</summary>
    /// <returns>False if the queue is gone.</returns>
    public bool TryKeep(bool isWanted)
    {
        lock (_lock)
        {
            if (_isGone)
                return false;
            (_isInUse, _isWanted) = (true, true);
            if (isWanted)
                _wantedAt = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>Another instance has deleted it.</summary>
    public void HasEndedElsewhere()
    {
        lock (_lock)
        {
            _deletions++;
            _isInUse = false;
        }
    }

    /// <summary>Gives it up, if it is not in use.</summary>
    public bool TryLeave()
    {
        lock (_lock)
            return !_isInUse && _moves == 0 && (_isGone = true);
    }

    /// <summary>From here on, <see cref="TryConclude"/> fails if anyone needs it.</summary>
    /// <returns>False if messages are on their way there.</returns>
    public bool TryBeginEnd()
    {
        lock (_lock)
        {
            _isWanted = false;
            return _moves == 0;
        }
    }

    /// <summary>Gives it up, if nobody needs it and nothing has come from there.</summary>
    public bool TryConclude(KeyDeliveries deliveries)
    {
        lock (_lock)
        {
            if (_moves > 0 || _isWanted || !deliveries.TryConclude())
                return false;
            _isInUse = false;
            return _isGone = true;
        }
    }

    /// <summary>The endpoint is removed.</summary>
    public void End()
    {
        lock (_lock)
            _isGone = true;
    }
}
