using System.Diagnostics;
using System.Diagnostics.Metrics;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Tests.Consuming;
using Messaging.Breaker.Tests.Sharing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Listeners, logs, metrics, spans and rules that throw or hang.</summary>
public class ListenerTests
{
    [Fact]
    public async Task A_listener_that_throws_hides_no_transition_from_the_fleet_and_harms_nobody()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Registry.Listen(_ => throw new InvalidOperationException("a listener's own trouble"));

        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        three.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);

        Assert.Equal("one: maintenance", two.Reason);
        Assert.NotEqual(0, one.Log.Count("a listener's own trouble"));
    }

    [Fact]
    public async Task A_log_provider_that_throws_hides_nothing_from_the_fleet()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one", log: new FullDisk());
        var two = await fleet.StartAsync("two");

        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        fleet.Store.IsDown = true;
        await fleet.UntilAsync(() => two.Log.Count("The fleet's store is out of reach") == 1, "the loss to be noticed");
        fleet.Store.IsDown = false;
        one.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);
        two.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
    }

    [Fact]
    public async Task A_log_provider_that_hangs_hides_nothing_from_the_fleet()
    {
        using var log = new HangingLog();
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one", log: log);
        var two = await fleet.StartAsync("two");

        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        await Eventually.Is(() => log.IsHanging, "the log to hang");
        two.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);
        for (var time = 0; time < 1_000; time++)
        {
            one.Breaker.Isolate("maintenance");
            one.Breaker.Reset("over");
        }

        log.Release();
        await Eventually.Is(() => log.Lines, lines => lines >= 500, "the waiting lines to be written");
        one.Breaker.Isolate("the last");
        await Eventually.Is(() => log.Last, last => last?.Contains("the last", StringComparison.Ordinal) == true, "the latest line to be written");
        await fleet.UntilAllAsync(BreakerState.Isolated);
    }

    [Fact]
    public async Task An_endpoint_pauses_and_comes_back_although_its_log_provider_hangs()
    {
        using var log = new HangingLog();
        await using var pipeline = await Pipeline.StartAsync((_, _) => throw new TimeoutException(), services: services => services.AddLogging(logging => logging.AddProvider(log)));
        await pipeline.SendAsync(0, 50);
        await Eventually.Is(() => pipeline.Breaker.State == BreakerState.Open && log.IsHanging, "the breaker to open and its log to hang");

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "all messages to be handled");
        Assert.Empty(pipeline.DeadLettered);
    }

    [Fact]
    public async Task An_endpoint_pauses_and_comes_back_although_its_metrics_hang()
    {
        using var released = new ManualResetEventSlim();
        using var meters = new MeterListener();
        var hanging = 0;
        await using var pipeline = await Pipeline.StartAsync((_, _) => throw new TimeoutException());
        var factory = pipeline.Services.GetRequiredService<IMeterFactory>();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            // Not MassTransit's instruments, which belong to the first bus in the process.
            if (instrument.Meter.Name == BreakerInstrumentation.MeterName && instrument.Meter.Scope == factory && !instrument.IsObservable)
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((_, _, _, _) => Hang());
        meters.SetMeasurementEventCallback<double>((_, _, _, _) => Hang());
        meters.Start();
        await pipeline.SendAsync(0, 50);
        await Eventually.Is(() => pipeline.Breaker.State == BreakerState.Open && Volatile.Read(ref hanging) > 0, "the breaker to open and its metrics to hang");

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "all messages to be handled");
        Assert.Empty(pipeline.DeadLettered);
        Assert.Equal(1, hanging);
        released.Set();
        await Eventually.Is(() => Volatile.Read(ref hanging), times => times > 1, "the metrics to receive what happened meanwhile");

        void Hang()
        {
            Interlocked.Increment(ref hanging);
            released.Wait();
        }
    }

    [Fact]
    public async Task An_endpoint_pauses_and_comes_back_although_its_metrics_and_spans_throw()
    {
        using var meters = Throwing(new MeterListener());
        using var spans = ThrowingSpans();
        await using var pipeline = await Pipeline.StartAsync((_, _) => throw new TimeoutException());
        await pipeline.SendAsync(0, 50);
        await Eventually.Is(() => pipeline.Breaker.State == BreakerState.Open, "the breaker to open");

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "all messages to be handled");
        Assert.Equal((0, 0), (pipeline.DeadLettered.Count, pipeline.Faults));
    }

    [Fact]
    public void A_line_is_written_in_the_callers_scope_and_span_before_the_caller_goes_on()
    {
        using var provider = new ScopeRecorder();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(provider));
        var log = loggers.CreateLog();
        using var span = new Activity("around").Start();
        using (loggers.CreateLogger("of the user").BeginScope("order 7"))
            log.LogWarning("said");

        Assert.Equal($"said, in order 7, {span.Id}", provider.Line);
    }

    [Fact]
    public async Task A_rule_that_hangs_holds_its_own_message_alone()
    {
        var release = new ManualResetEventSlim();
        var isFirst = true;
        await using var pipeline = await Pipeline.StartAsync(
            async (_, _) =>
            {
                await Task.Yield(); // Without this, whatever blocks would block the transport.
                throw new TimeoutException();
            },
            options => options.Track<TimeoutException>(_ =>
            {
                if (Interlocked.Exchange(ref isFirst, false))
                    release.Wait(TimeSpan.FromSeconds(60));
                return true;
            }));
        await pipeline.SendAsync(0, 50);
        await Eventually.Is(() => pipeline.Breaker.State, state => state == BreakerState.Open, "the breaker to open");

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 49, "the other messages to be handled");
        release.Set();
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "the last message to be handled");
        Assert.Empty(pipeline.DeadLettered);
    }

    [Fact]
    public async Task A_handler_gets_its_own_exception_whoever_throws_at_the_transition()
    {
        using var host = Build(log: new FullDisk());
        using var meters = Throwing(new MeterListener());
        using var spans = ThrowingSpans();
        var breakers = host.Services.GetRequiredService<BreakerRegistry>();
        breakers.Listen(_ => throw new InvalidOperationException("a listener's own trouble"));
        _ = host.Services.GetRequiredService<BreakerTelemetry>();
        var payments = breakers.Get("payments");
        using var around = new Activity("around").Start();

        for (var call = 0; call < 10; call++)
            await Assert.ThrowsAsync<TimeoutException>(async () => await payments.ExecuteAsync(_ => throw new TimeoutException(), TestContext.Current.CancellationToken));

        Assert.Equal(BreakerState.Open, payments.State);
        Assert.Same(around, Activity.Current);
    }

    [Fact]
    public void A_log_provider_that_throws_when_asked_whether_it_listens_harms_nobody()
    {
        using var host = Build(log: new FullDisk(canSay: false));
        var payments = host.Services.GetRequiredService<BreakerRegistry>().Get("payments");
        payments.Isolate("maintenance");
        payments.Reset("over");
        Assert.Equal("over", payments.GetSnapshot().Reason);
    }

    [Fact]
    public void A_rule_that_throws_does_not_apply_and_is_logged_once()
    {
        var log = new LogRecorder();
        using var host = Build(log, options =>
        {
            options.Ignore<TimeoutException>(_ => throw new FormatException("of the ignoring rule"));
            options.TripImmediately<TimeoutException>(_ => throw new FormatException("of the tripping rule"));
            options.Track<TimeoutException>(_ => throw new FormatException("of the tracking rule"));
            options.Track<TimeoutException>();
        });
        var rules = host.Services.GetRequiredService<BreakerRegistry>().Get("payments").Options.Exceptions;

        for (var call = 0; call < 3; call++)
            Assert.Equal(Outcome.Failure, rules.Classify(new TimeoutException()).Outcome);

        Assert.Equal((1, 1, 1), (log.Count("Ignore<TimeoutException>"), log.Count("TripImmediately<TimeoutException>"), log.Count("Track<TimeoutException>")));
        Assert.Equal((1, 1, 1), (log.Count("of the ignoring rule"), log.Count("of the tripping rule"), log.Count("of the tracking rule")));
        Assert.Equal(3, log.Count("Breaker payments"));
    }

    static IHost Build(ILoggerProvider log, Action<BreakerOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(log);
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments", configure));
        return builder.Build();
    }

    static MeterListener Throwing(MeterListener meters)
    {
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == BreakerInstrumentation.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("a meter's own trouble"));
        meters.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("a meter's own trouble"));
        meters.Start();
        return meters;
    }

    static ActivityListener ThrowingSpans()
    {
        // Only on the thread of this test, because other tests trace, too.
        var thread = new AsyncLocal<bool> { Value = true };
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == BreakerInstrumentation.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => thread.Value ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStarted = _ => Throw(thread),
            ActivityStopped = _ => Throw(thread),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    static void Throw(AsyncLocal<bool> thread)
    {
        if (thread.Value)
            throw new InvalidOperationException("a tracer's own trouble");
    }

    /// <summary>A provider whose every call hangs until it is released.</summary>
    sealed class HangingLog : ILoggerProvider, ILogger
    {
        readonly ManualResetEventSlim _released = new();
        volatile string? _last;
        int _lines;

        public bool IsHanging { get; private set; }

        public int Lines => Volatile.Read(ref _lines);

        public string? Last => _last;

        public void Release() => _released.Set();

        public ILogger CreateLogger(string categoryName) =>
            categoryName == "Messaging.Breaker" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            IsHanging = true;
            _released.Wait();
            _last = formatter(state, exception);
            Interlocked.Increment(ref _lines);
        }

        public void Dispose() => _released.Set();
    }

    /// <summary>A provider that records the scopes and the span around a line.</summary>
    sealed class ScopeRecorder : ILoggerProvider, ILogger, ISupportExternalScope
    {
        IExternalScopeProvider? _scopes;

        public string? Line { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => _scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Line = formatter(state, exception);
            _scopes?.ForEachScope((scope, _) => Line += $", in {scope}", 0);
            Line += $", {Activity.Current?.Id}";
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A provider whose every call fails.</summary>
    sealed class FullDisk(bool canSay = true) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName == "Messaging.Breaker" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => throw new IOException("No space left on device");

        public bool IsEnabled(LogLevel logLevel) => canSay ? true : throw new IOException("No space left on device");

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("No space left on device");

        public void Dispose()
        {
        }
    }
}
