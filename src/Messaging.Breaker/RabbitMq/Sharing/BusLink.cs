using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>Keeps a session open: one loop that opens the next one when the last is lost, with growing delays.</summary>
sealed class BusLink : IAsyncDisposable
{
    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LongestOpening = TimeSpan.FromSeconds(15);

    readonly Func<CancellationToken, Task<Session>> _open;
    readonly Watchers _watchers;
    readonly string _fleet;
    readonly string _address;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly AsyncSignal _changed = new();
    readonly CancellationTokenSource _stopping = new();
    readonly Task _loop;
    volatile Session? _session;
    volatile string? _problem;
    volatile string? _lastEnd;

    public BusLink(
        Func<CancellationToken, Task<Session>> open, Watchers watchers, string fleet, string address, TimeProvider time, ILogger log)
    {
        (_open, _watchers, _fleet, _address, _time, _log) = (open, watchers, fleet, address, time, log);
        // The loop must not capture the AsyncLocals of the first caller.
        using (ExecutionContext.SuppressFlow())
            _loop = Task.Run(RunAsync);
    }

    /// <summary>Why the last session ended or could not be opened; null while there was none.</summary>
    public string? LastEnd => _lastEnd;

    public Session? Current => _session is { Lost.IsCompleted: false } session ? session : null;

    /// <summary>Waits for a session while the first attempt to open it is in progress.</summary>
    /// <exception cref="IOException">It has failed: waiting for the next attempt would delay an instance that can continue on its
    /// own.</exception>
    public async Task<Session> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Next;
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, typeof(IBreakerStateStore));
            if (Current is { } session)
                return session;
            if (_problem is { } problem)
                throw new IOException($"RabbitMQ at {_address} is out of reach: {problem}");
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _changed.Raise();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task RunAsync()
    {
        var delay = FirstDelay;
        while (!_stopping.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            try
            {
                _lastEnd = await LiveAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                _lastEnd = _problem = exception.GetBaseException().Message;
                _changed.Raise();
            }

            _log.FleetDisconnected(_fleet, _address, _lastEnd);
            // A session that keeps getting lost is no better than none.
            if (_time.GetElapsedTime(began) > LongestDelay)
                delay = FirstDelay;
            // Many instances have lost the broker at the same moment, and must not all come back at the same moment.
            var jittered = delay * (0.5 + Random.Shared.NextDouble());
            await Task.Delay(jittered, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    /// <returns>Why the session ended.</returns>
    async Task<string> LiveAsync()
    {
        var session = await OpenAsync().ConfigureAwait(false);
        await using var closing = session.ConfigureAwait(false);
        _watchers.Begin(session);
        (_session, _problem) = (session, null);
        _changed.Raise();
        _log.FleetConnected(_fleet, _address);
        try
        {
            return await session.Lost.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            _session = null;
            _watchers.End();
        }
    }

    async Task<Session> OpenAsync()
    {
        using var limit = new CancellationTokenSource(LongestOpening, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        return await _open(either.Token).ConfigureAwait(false);
    }
}
