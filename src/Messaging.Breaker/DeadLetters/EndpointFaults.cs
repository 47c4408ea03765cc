namespace Messaging.Breaker.DeadLetters;

/// <summary>The messages of one endpoint that end in <c>_error</c> on this instance. Thread-safe.</summary>
sealed class EndpointFaults(TimeProvider time)
{
    static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    readonly Lock _lock = new();
    FaultCounts _recent = new();
    FaultCounts _before = new();
    FaultCounts? _inARow;
    long _periodBegan = time.GetTimestamp();
    long _total;
    volatile bool _isFailing;

    /// <summary>Messages since the process began.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>The most frequent kind in the last ten to twenty minutes; null if there was none.</summary>
    public DeadLetterTripGroup? Largest
    {
        get
        {
            var both = new FaultCounts();
            lock (_lock)
            {
                Turn();
                both.Add(_recent);
                both.Add(_before);
            }

            return both.Largest is [var largest, ..] ? largest : null;
        }
    }

    public void Add(FaultDetails fault)
    {
        Interlocked.Increment(ref _total);
        lock (_lock)
        {
            Turn();
            _recent.Add(fault);
            (_inARow ??= new FaultCounts()).Add(fault);
            _isFailing = true;
        }
    }

    /// <summary>A message was handled. This costs one read, unless a message has failed since the last call.</summary>
    public void Handle()
    {
        if (!_isFailing)
            return;
        lock (_lock)
            (_inARow, _isFailing) = (null, false);
    }

    /// <summary>Adds the messages that have failed since the last one was handled.</summary>
    public void AddInARowTo(FaultCounts counts)
    {
        lock (_lock)
            if (_inARow is { } inARow)
                counts.Add(inARow);
    }

    void Turn()
    {
        var elapsed = time.GetElapsedTime(_periodBegan);
        if (elapsed < Period)
            return;
        (_before, _recent) = (elapsed < 2 * Period ? _recent : new FaultCounts(), new FaultCounts());
        _periodBegan = time.GetTimestamp();
    }
}
