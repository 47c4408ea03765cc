namespace Messaging.Breaker.Engine;

/// <summary>
/// Admits as many messages at once to a dependency that has come back as <see cref="RampLimit"/> allows; the others wait for their turn. It
/// ends when it has made no message wait for a while.
/// </summary>
/// <remarks>Pure except for the lock: time is an argument. Thread-safe.</remarks>
sealed class Ramp(RampLimit limit, long quietTime, long now)
{
    readonly Lock _lock = new();
    readonly Queue<TaskCompletionSource<int>> _waiting = new();
    int _underWay;
    long? _turnedAwayAt;
    long _waitedAt = now;
    long _admittedAt = now;

    public bool IsOver { get; private set; }

    public int Limit
    {
        get
        {
            lock (_lock)
                return limit.Calls;
        }
    }

    /// <summary>Whether it has made no message wait for a while: the next message will end it.</summary>
    public bool IsQuiet(long now)
    {
        lock (_lock)
            return IsOver || (_waiting.Count == 0 && now - _waitedAt > quietTime);
    }

    /// <summary>Whether no message waits for its turn, and none has been turned away for this long.</summary>
    public bool IsFree(long now, long time)
    {
        lock (_lock)
            return IsOver || (_waiting.Count == 0 && !(now - _turnedAwayAt < time));
    }

    /// <summary>When it last made a message wait; its beginning if it never did.</summary>
    public long WaitedUntil
    {
        get
        {
            lock (_lock)
                return Math.Max(_waitedAt, _admittedAt);
        }
    }

    /// <summary>How many more messages could go now without waiting.</summary>
    public int Free
    {
        get
        {
            lock (_lock)
                return IsOver ? int.MaxValue / 2 : Math.Max(0, limit.Calls - _underWay - _waiting.Count);
        }
    }

    /// <summary>
    /// Completes when the message may go, with the number of messages then in flight, itself included. A message that stops waiting completes
    /// it itself.
    /// </summary>
    public TaskCompletionSource<int> Enter(long now)
    {
        var turn = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue(turn);
            Admit();
            if (_waiting.Count > 0)
                _waitedAt = now;
            else if (now - _waitedAt > quietTime)
                EndLocked();
        }

        return turn;
    }

    /// <summary>The same for a message that can go elsewhere and need not wait: whether it may go.</summary>
    public bool TryEnter(long now, out int load)
    {
        lock (_lock)
        {
            load = _underWay + 1;
            var mayGo = IsOver || (_waiting.Count == 0 && _underWay < limit.Calls);
            if (!mayGo)
                _turnedAwayAt = _waitedAt = now;
            else if (now - _waitedAt > quietTime)
                EndLocked();
            if (mayGo)
                _underWay++;
            return mayGo;
        }
    }

    /// <summary>A message would have gone if there had been a place, but did not wait for its turn.</summary>
    public void TurnAway(long now)
    {
        lock (_lock)
            _turnedAwayAt = _waitedAt = now;
    }

    /// <summary>A message that went is done.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="load">How many messages were in flight when it went.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="now">The time.</param>
    public void Exit(Outcome outcome, int load, long elapsed, long now)
    {
        lock (_lock)
        {
            if (outcome == Outcome.Failure)
                limit.Fail(_underWay, now);
            else if (outcome == Outcome.Success)
                limit.Succeed(load, elapsed, isWanted: _waiting.Count > 0 || _turnedAwayAt >= now - elapsed, now);
            _underWay--;
            if (_waiting.Count > 0)
                _admittedAt = now;
            Admit();
        }
    }

    /// <summary>Releases all that wait: from now on the breaker holds messages back, or nothing does.</summary>
    public void End()
    {
        lock (_lock)
            EndLocked();
    }

    void Admit()
    {
        while (_waiting.Count > 0 && (IsOver || _underWay < limit.Calls))
            if (_waiting.Dequeue().TrySetResult(_underWay + 1))
                _underWay++;
    }

    void EndLocked()
    {
        IsOver = true;
        Admit();
    }
}
