using System.Text.Json;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Dashboard.State;

/// <summary>Takes a sample each second, writes down the transitions, and says when there is something new to show.</summary>
sealed class Recorder(IBreakerRegistry breakers, StateReader reader, History history, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _stopping = new();
    volatile Frame? _latest;
    Task _work = Task.CompletedTask;

    /// <summary>The state to show now, and the wait for the next.</summary>
    public Frame Latest => _latest ?? Show();

    /// <summary>Shows the state of now to everybody who looks, at once.</summary>
    public Frame Show()
    {
        var frame = new Frame(reader);
        Interlocked.Exchange(ref _latest, frame)?.Supersede();
        return frame;
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

    public void Dispose() => _stopping.Dispose();

    async Task RecordTransitionsAsync()
    {
        await foreach (var transition in breakers.WatchAsync(_stopping.Token).ConfigureAwait(false))
        {
            history.Add(transition);
            Show();
        }
    }

    async Task SampleAsync()
    {
        using var ticks = new PeriodicTimer(Period, time);
        do
        {
            history.Add(reader.Read());
            Show();
        }
        while (await ticks.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
    }

    /// <summary>One state as JSON, read when the first asks for it and shared by all: it costs nothing when nobody looks.</summary>
    public sealed class Frame(StateReader reader)
    {
        readonly Lazy<string> _json = new(() => JsonSerializer.Serialize(reader.Read(), DashboardJson.Default.DashboardState));
        readonly TaskCompletionSource _superseded = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Json => _json.Value;

        public Task Superseded => _superseded.Task;

        public void Supersede() => _superseded.TrySetResult();
    }
}
