using System.Diagnostics;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.QueueDepth;

/// <summary>Checks the forecast of when a backlog will be drained, with messages arriving at a steady rate.</summary>
public sealed class ForecastTests(BrokerFixture broker, ITestOutputHelper output) : IAsyncLifetime
{
    const double Arrival = 100;
    const double Capacity = 220;
    const int Backlog = 800;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly CancellationTokenSource _end = new();
    readonly SteadyService _service = new();
    TestWorker _worker = null!;
    Task _producing = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _worker = await TestWorker.StartAsync(
            broker.Node,
            breakDuration: TimeSpan.FromSeconds(2),
            endpoints: (test, _, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.PrefetchCount = 32;
                endpoint.UseBreaker("first");
                endpoint.Handler<Work>(async message =>
                {
                    await test.Dependency.CallAsync(message.Message.Number, message.CancellationToken);
                    await _service.TakeTurnAsync(message.CancellationToken);
                });
            }),
            services: services => services.AddMessagingBreaker(breakers => breakers.WatchQueues(
                options => options.SamplingInterval = TimeSpan.FromMilliseconds(100))));
        _producing = ProduceAsync(_end.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _producing;
        await _worker.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task The_forecast_time_until_drained_is_within_a_fifth_of_the_actual_time()
    {
        await BreakDownAsync();
        Assert.Null(Queue.TimeUntilDrained); // The capacity of the consumers is not known yet.
        await RecoverAsync();
        var resumed = Stopwatch.GetTimestamp();
        var early = await Eventually.Is(
            () => (Queue.TimeUntilDrained, Elapsed: Stopwatch.GetElapsedTime(resumed)),
            seen => seen.TimeUntilDrained is not null && seen.Elapsed > TimeSpan.FromSeconds(2),
            "a forecast early in the drain");
        var drained = Stopwatch.GetTimestamp();
        await UntilDrainedAsync();
        AssertWithinAFifth("early in the first drain", early.TimeUntilDrained, Stopwatch.GetElapsedTime(drained));

        await BreakDownAsync();
        await RecoverAsync(() => early = (Queue.TimeUntilDrained, default));
        resumed = Stopwatch.GetTimestamp();
        await UntilDrainedAsync();
        AssertWithinAFifth("before the second recovery", early.TimeUntilDrained, Stopwatch.GetElapsedTime(resumed));
    }

    QueueSnapshot Queue => Assert.Single(_worker.Monitor.Queues);

    async Task BreakDownAsync()
    {
        _worker.Dependency.IsDown = true;
        await Eventually.Is(() => Queue.Ready, ready => ready >= Backlog, $"a backlog of {Backlog}", Patience);
        Assert.NotEqual(BreakerState.Closed, _worker.Breaker.State);
    }

    async Task RecoverAsync(Action? last = null)
    {
        last?.Invoke();
        _worker.Dependency.IsDown = false;
        await _worker.UntilAsync(BreakerState.Closed);
    }

    Task UntilDrainedAsync() => Eventually.Is(() => Queue.Ready == 0, "the queue to be drained", Patience);

    void AssertWithinAFifth(string moment, TimeSpan? forecast, TimeSpan actual)
    {
        output.WriteLine($"{moment}: {forecast} was foretold, {actual} it took ({forecast / actual:0.000})");
        Assert.NotNull(forecast);
        Assert.InRange(forecast.Value / actual, 0.8, 1.2);
    }

    /// <summary>Handles a fixed number of messages per second, even on a busy machine: after a late turn, others follow at once.</summary>
    sealed class SteadyService
    {
        static readonly TimeSpan MostBehind = TimeSpan.FromMilliseconds(100);

        readonly Lock _lock = new();
        readonly long _started = Stopwatch.GetTimestamp();
        TimeSpan _next;

        public Task TakeTurnAsync(CancellationToken cancellationToken)
        {
            var now = Stopwatch.GetElapsedTime(_started);
            TimeSpan turn;
            lock (_lock)
            {
                turn = _next < now - MostBehind ? now - MostBehind : _next;
                _next = turn + TimeSpan.FromSeconds(1 / Capacity);
            }

            return turn > now ? Task.Delay(turn - now, cancellationToken) : Task.CompletedTask;
        }
    }

    /// <summary>Sends at a steady rate, even on a busy machine.</summary>
    async Task ProduceAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        for (var sent = 0; !cancellationToken.IsCancellationRequested;)
        {
            var due = (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * Arrival);
            await _worker.SendAsync(sent, due - sent);
            sent = due;
            await Task.Delay(20, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
