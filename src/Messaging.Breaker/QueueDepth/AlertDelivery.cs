using System.Threading.Channels;
using Messaging.Breaker.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// Delivers events to every sink, in order, with a separate queue for each: a sink that is slow or fails affects neither the monitor nor the
/// other sinks. A queue that has grown too long loses its oldest events.
/// </summary>
sealed class AlertDelivery(IEnumerable<IAlertSink> sinks, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    const int LongestLine = 1_000;
    static readonly TimeSpan LongestEvent = TimeSpan.FromMinutes(2);
    static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(3);

    readonly ILogger _log = loggers.CreateLog();
    readonly CancellationTokenSource _stopping = new();
    readonly List<Line> _lines = [.. sinks.Select(sink => new Line(sink))];
    Task _running = Task.CompletedTask;

    public void Raise(QueueAlertRaised raised) => Post((sink, token) => sink.RaiseAsync(raised, token));

    public void Clear(QueueAlertCleared cleared) => Post((sink, token) => sink.ClearAsync(cleared, token));

    public void Start() => _running = Task.WhenAll(_lines.Select(line => Task.Run(() => RunAsync(line))));

    /// <summary>Gives deliveries in progress a little more time.</summary>
    public async Task StopAsync()
    {
        foreach (var line in _lines)
            line.Events.Writer.Complete();
        await _running.WaitAsync(LongestFarewell, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    void Post(Func<IAlertSink, CancellationToken, Task> tell)
    {
        foreach (var line in _lines)
            line.Events.Writer.TryWrite(tell);
    }

    async Task RunAsync(Line line)
    {
        await foreach (var tell in line.Events.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (_stopping.IsCancellationRequested)
                return;
            using var limit = new CancellationTokenSource(LongestEvent, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
            try
            {
                // On its own thread, so that a sink that blocks it is abandoned like one that never completes.
                await Task.Run(() => tell(line.Sink, either.Token), CancellationToken.None).WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                _log.AlertNotDelivered(line.Sink.GetType().Name, exception.Message);
            }
        }
    }

    sealed class Line(IAlertSink sink)
    {
        public IAlertSink Sink => sink;

        public Channel<Func<IAlertSink, CancellationToken, Task>> Events { get; } = Channel.CreateBounded<Func<IAlertSink, CancellationToken, Task>>(
            new BoundedChannelOptions(LongestLine) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    }
}
