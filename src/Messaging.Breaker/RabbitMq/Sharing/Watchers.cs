using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>Passes on the coordinator's notices, each version once and in order, and says when something may have been missed.</summary>
sealed class Watchers(TimeProvider time)
{
    const int LongestBacklog = 1_000;
    const int MostTold = 20_000;

    readonly Lock _lock = new();
    readonly List<Watcher> _watchers = [];
    readonly Dictionary<string, long> _told = new(StringComparer.OrdinalIgnoreCase);
    Session? _source;

    /// <summary>A session has begun to listen: from now on nothing is missed, but something may have been before.</summary>
    public void Begin(Session session)
    {
        lock (_lock)
        {
            _source = session;
            _told.Clear();
            Miss();
        }
    }

    public void End()
    {
        lock (_lock)
            _source = null;
    }

    /// <summary>Notices before a session's beginning or after its end are dropped: they would hide the gap between two sessions.</summary>
    public void Tell(Session session, Notice notice)
    {
        var heardAt = time.GetTimestamp();
        lock (_lock)
        {
            if (_source != session)
                return;
            if (notice.IsComplete && HasLost(notice.States))
            {
                _told.Clear();
                Miss();
            }

            foreach (var state in notice.States)
            {
                var told = _told.GetValueOrDefault(state.Breaker);
                if (state.Version == told)
                    continue;
                // The coordinator never goes back, so what was announced before did not come from it.
                if (state.Version < told)
                    Miss();
                if (_told.Count >= MostTold)
                    _told.Clear();
                _told[state.Breaker] = state.Version;
                foreach (var watcher in _watchers)
                    watcher.Tell(state, heardAt);
            }
        }
    }

    public async IAsyncEnumerable<SharedBreakerState?> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watcher = new Watcher();
        lock (_lock)
        {
            _watchers.Add(watcher);
            if (_source is not null)
                watcher.Miss();
        }

        try
        {
            while (true)
            {
                var (state, heardAt) = await watcher.NextAsync(cancellationToken).ConfigureAwait(false);
                yield return state is null ? null : state with { Age = state.Age + time.GetElapsedTime(heardAt) };
            }
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(watcher);
        }
    }

    /// <summary>The new coordinator knows less than this instance: the broker has lost its snapshot.</summary>
    bool HasLost(IReadOnlyList<SharedBreakerState> all)
    {
        var known = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        foreach (var state in all)
            known[state.Breaker] = state.Version;
        return _told.Any(told => known.GetValueOrDefault(told.Key) < told.Value);
    }

    void Miss()
    {
        foreach (var watcher in _watchers)
            watcher.Miss();
    }

    sealed class Watcher
    {
        readonly Channel<(SharedBreakerState? State, long HeardAt)> _backlog =
            Channel.CreateBounded<(SharedBreakerState? State, long HeardAt)>(LongestBacklog);

        volatile bool _hasMissed;

        public void Miss() => Tell(null, 0);

        /// <summary>A slow reader must not fill the memory: it gets one gap instead of everything in it.</summary>
        public void Tell(SharedBreakerState? state, long heardAt)
        {
            if (!_backlog.Writer.TryWrite((state, heardAt)))
                _hasMissed = true;
        }

        public async ValueTask<(SharedBreakerState? State, long HeardAt)> NextAsync(CancellationToken cancellationToken)
        {
            if (!_hasMissed)
                return await _backlog.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            _hasMissed = false;
            return default;
        }
    }
}
