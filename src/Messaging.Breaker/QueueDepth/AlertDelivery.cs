using System.Threading.Channels;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// Hands what happens to every sink, to each in order and on a line of its own: a sink that is slow or fails harms neither the monitor nor
/// the others. A line that has grown too long loses its oldest.
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

    /// <summary>What is on its way gets a moment more.</summary>
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
                // On a thread of its own: a sink that blocks it is left behind as well as one that never completes.
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
