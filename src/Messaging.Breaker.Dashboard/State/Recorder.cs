using System.Text.Json;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Dashboard.State;

/// <summary>Takes a sample each second, records the transitions, and signals when there is something new to show.</summary>
sealed class Recorder : IHostedLifecycleService, IDisposable
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(150);

    readonly IBreakerRegistry _breakers;
    readonly StateReader _reader;
    readonly History _history;
    readonly TimeProvider _time;
    readonly ITimer _settled;
    readonly CancellationTokenSource _stopping = new();
    volatile Frame? _latest;
    Task _work = Task.CompletedTask;

    public Recorder(IBreakerRegistry breakers, StateReader reader, History history, TimeProvider time)
    {
        (_breakers, _reader, _history, _time) = (breakers, reader, history, time);
        _settled = time.CreateTimer(_ => Show(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The current state, and the wait for the next one.</summary>
    public Frame Latest => _latest ?? Show();

    /// <summary>Sends the current state to all readers at once.</summary>
    public Frame Show()
    {
        var frame = new Frame(_reader, _history);
        Interlocked.Exchange(ref _latest, frame)?.Supersede();
        return frame;
    }

    /// <summary>Shows a change at once, and again when the endpoints have followed it.</summary>
    public Frame ShowChange()
    {
        _settled.Change(Settling, Timeout.InfiniteTimeSpan);
        return Show();
    }

    /// <summary>Before the bus starts, so that no transition is missed.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _work = Task.WhenAll(RecordTransitionsAsync(), SampleAsync());
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _settled.Dispose();
        _stopping.Dispose();
    }

    async Task RecordTransitionsAsync()
    {
        await foreach (var transition in _breakers.WatchAsync(_stopping.Token).ConfigureAwait(false))
        {
            _history.Add(transition);
            ShowChange();
        }
    }

    async Task SampleAsync()
    {
        using var ticks = new PeriodicTimer(Period, _time);
        do
        {
            _history.Add(_reader.Read());
            Show();
        }
        while (await ticks.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
    }

    /// <summary>One state as JSON, read when it is first requested and shared by all readers: without readers it costs nothing.</summary>
    public sealed class Frame(StateReader reader, History history)
    {
        readonly Lazy<byte[]> _json = new(() => JsonSerializer.SerializeToUtf8Bytes(reader.ReadWithKeys(), DashboardJson.Default.DashboardState));
        readonly Lazy<(byte[] Json, long LastNumber)> _past = new(() => ReadPast(history));
        readonly TaskCompletionSource _superseded = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public byte[] Json => _json.Value;

        /// <summary>The last minutes as JSON, and the number of the latest entry in it.</summary>
        public (byte[] Json, long LastNumber) Past => _past.Value;

        public Task Superseded => _superseded.Task;

        public void Supersede() => _superseded.TrySetResult();

        static (byte[] Json, long LastNumber) ReadPast(History history)
        {
            var entries = history.EntriesAfter(0);
            var json = JsonSerializer.SerializeToUtf8Bytes(new HistoryView(history.Samples(), entries), DashboardJson.Default.HistoryView);
            return (json, entries is [.., var last] ? last.Number : 0);
        }
    }
}
