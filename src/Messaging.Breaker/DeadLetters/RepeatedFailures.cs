namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Hears which of the moved messages fail again: from the whole fleet where the queue of failures can be listened to, and from this instance otherwise.
/// </summary>
sealed class RepeatedFailures(RedriveProgress progress, KnownQueues queues, Guid run, TimeProvider time)
{
    /// <summary>Not more often, because each failed attempt is an error in the broker's log.</summary>
    static readonly TimeSpan ListenAgain = TimeSpan.FromSeconds(2);

    readonly HashSet<string> _watched = [];

    /// <summary>Queues of which only this instance's failures are seen, and when to try again to hear of the others'.</summary>
    readonly Dictionary<string, DateTimeOffset> _unheard = [];
    volatile bool _isFleetHeard;

    /// <summary>The queues that messages were moved to.</summary>
    public IReadOnlyCollection<string> Targets => _watched;

    /// <summary>The connection is a new one: nothing is listened to yet.</summary>
    public void Restart()
    {
        _watched.Clear();
        _unheard.Clear();
    }

    /// <summary>Messages are about to be moved to that queue.</summary>
    public async Task WatchAsync(IDeadLetterSession session, string target, HandledWatch handled, CancellationToken cancellationToken)
    {
        if (!_watched.Add(target))
            return;
        handled.Connect(target);
        _unheard[target] = time.GetUtcNow();
        await ListenAsync(session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries again to listen. What it listens to is declared by the first message that fails, which may be one of this run's.</summary>
    public async Task ListenAsync(IDeadLetterSession session, CancellationToken cancellationToken)
    {
        foreach (var target in _unheard.Where(unheard => time.GetUtcNow() >= unheard.Value).Select(unheard => unheard.Key).ToList())
            if (await session.ListenAsync(queues.ErrorQueueOf(target), run, Fail, cancellationToken).ConfigureAwait(false))
                _unheard.Remove(target);
            else
                _unheard[target] = time.GetUtcNow() + ListenAgain;
        _isFleetHeard = _unheard.Count == 0;
    }

    public void Fail(FaultDetails fault) => progress.Tell(course => course.Fail(fault));

    /// <summary>A message failed in this process. Where the fleet is listened to, this is heard there.</summary>
    public void FailHere(FaultDetails fault)
    {
        if (!_isFleetHeard)
            Fail(fault);
    }
}
